#include <cmath>
#include <cstring>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"

namespace viba::onnx {
namespace {

class HardSigmoidFinder {
 public:
  explicit HardSigmoidFinder(Graph& graph)
      : graph_(graph), index_(graph), changed_(static_cast<std::size_t>(graph.node_size())) {
    for (int i = 0; i < graph.node_size(); ++i)
      for (const auto& input : graph.node(i).input()) readers_[input] = i;
  }

  int run() {
    int found = 0;
    for (int i = 0; i < graph_.node_size(); ++i) found += replace(i) ? 1 : 0;
    remove_nodes();
    return found;
  }

 private:
  /// What a node adds to a constant or multiplies with it; its result has the same shape.
  [[nodiscard]] std::optional<std::string> other_operand(int place, std::string_view op_type, float constant,
                                                         bool commutes = true) const {
    if (place < 0) return std::nullopt;
    const Node& node = graph_.node(place);
    if (node.op_type() != op_type || node.input_size() != 2 || node.output_size() != 1) return std::nullopt;
    for (const int side : {1, 0}) {
      if (side == 0 && !commutes) break;
      const std::string& other = node.input(1 - side);
      if (is_number(node.input(side), constant) && index_.shape_of(other) == index_.shape_of(node.output(0)))
        return other;
    }
    return std::nullopt;
  }

  /// What a node gives the sixth of.
  [[nodiscard]] std::optional<std::string> of_which_sixth(int place) const {
    auto source = other_operand(place, "Mul", 1.0F / 6);
    return source ? source : other_operand(place, "Div", 6, false);
  }

  [[nodiscard]] bool is_number(const std::string& value, float number) const {
    const Tensor* tensor = index_.constant(value);
    float stored = 0;
    if (tensor == nullptr || tensor->data_type() != Tensor::FLOAT || tensor->raw_data().size() != sizeof stored)
      return false;
    std::memcpy(&stored, tensor->raw_data().data(), sizeof stored);
    constexpr float kRounding = 1e-6F;
    return std::abs(stored - number) <= kRounding * number;
  }

  /// The one node that reads `value`; -1 when there are others, or when it leaves the graph.
  [[nodiscard]] int only_reader_of(const std::string& value) const {
    const auto found = readers_.find(value);
    return found == readers_.end() || index_.uses_of(value) != 1 ? -1 : found->second;
  }

  bool replace(int clip) {
    const Node& node = graph_.node(clip);
    if (node.op_type() != "Clip" || node.input_size() != 3 || node.output_size() != 1 || !is_number(node.input(1), 0) ||
        !is_number(node.input(2), 6))
      return false;
    const int sum = index_.producer_of(node.input(0));
    const auto source = other_operand(sum, "Add", 3);
    const int reader = only_reader_of(node.output(0));
    if (!source || reader < 0 || only_reader_of(node.input(0)) != clip) return false;
    return replace_gate(*source, sum, clip, reader) || replace_product(*source, sum, clip, reader);
  }

  /// Where the sixth is of the clipped sum itself.
  bool replace_gate(const std::string& source, int sum, int clip, int reader) {
    if (!of_which_sixth(reader) || !claim({sum, clip, reader})) return false;
    remove(sum);
    make_hard_sigmoid(clip, source, graph_.node(reader).output(0));
    remove(reader, false);
    return true;
  }

  /// Where it is of the product with something else, or of that.
  bool replace_product(const std::string& source, int sum, int clip, int reader) {
    Node& product = *graph_.mutable_node(reader);
    if (product.op_type() != "Mul" || product.input_size() != 2 || product.output_size() != 1) return false;
    const int side = product.input(0) == graph_.node(clip).output(0) ? 1 : 0;
    const int factor = index_.producer_of(product.input(side));
    const int last = only_reader_of(product.output(0));
    if (const auto whole = of_which_sixth(factor);
        whole && only_reader_of(product.input(side)) == reader && claim({sum, clip, reader, factor})) {
      product.set_input(side, *whole);
      remove(factor);
    } else if (of_which_sixth(last) && claim({sum, clip, reader, last})) {
      dead_values_.insert(product.output(0));
      product.set_output(0, graph_.node(last).output(0));
      remove(last, false);
    } else {
      return false;
    }
    remove(sum);
    make_hard_sigmoid(clip, source, graph_.node(clip).output(0));
    return true;
  }

  /// Whether none of them has been changed before; from now on they have.
  bool claim(std::initializer_list<int> places) {
    for (const int place : places)
      if (changed_[static_cast<std::size_t>(place)]) return false;
    for (const int place : places) changed_[static_cast<std::size_t>(place)] = true;
    return true;
  }

  /// `output` may be the node's own, which is cleared.
  void make_hard_sigmoid(int place, const std::string& source, std::string output) {
    Node& node = *graph_.mutable_node(place);
    if (node.output(0) != output) dead_values_.insert(node.output(0));
    node.Clear();
    node.set_op_type("HardSigmoid");
    node.set_name(output);
    node.add_input(source);
    node.add_output(output);
    for (const auto& [name, value] : {std::pair{"alpha", 1.0F / 6}, std::pair{"beta", 0.5F}}) {
      Attribute& attribute = *node.add_attribute();
      attribute.set_name(name);
      attribute.set_type(Attribute::FLOAT);
      attribute.set_f(value);
    }
  }

  void remove(int place, bool with_value = true) {
    if (with_value) dead_values_.insert(graph_.node(place).output(0));
    dead_nodes_.insert(place);
  }

  void remove_nodes() {
    if (dead_nodes_.empty()) return;
    Graph kept;
    for (int i = 0; i < graph_.node_size(); ++i)
      if (!dead_nodes_.contains(i)) kept.add_node()->Swap(graph_.mutable_node(i));
    graph_.mutable_node()->Swap(kept.mutable_node());
    for (auto& info : *graph_.mutable_value_info())
      if (!dead_values_.contains(info.name())) kept.add_value_info()->Swap(&info);
    graph_.mutable_value_info()->Swap(kept.mutable_value_info());
  }

  Graph& graph_;
  const GraphIndex index_;
  std::unordered_map<std::string, int> readers_;
  std::vector<bool> changed_;
  std::unordered_set<int> dead_nodes_;
  std::unordered_set<std::string> dead_values_;
};

}  // namespace

int use_hard_sigmoid(Graph& graph) { return HardSigmoidFinder(graph).run(); }

}  // namespace viba::onnx
