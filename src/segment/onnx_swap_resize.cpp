#include <string>
#include <unordered_map>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"

namespace viba::onnx {
namespace {

constexpr int kScalesInput = 2;  ///< of Resize

bool is_pointwise(const Node& conv, const GraphIndex& index) {
  if (conv.op_type() != "Conv" || conv.input_size() < 2) return false;
  const Shape filter = index.shape_of(conv.input(1));
  return filter.size() == 4 && filter[2] == 1 && filter[3] == 1 && all_are(conv, "strides", 1) &&
         all_are(conv, "pads", 0) && all_are(conv, "group", 1) &&
         (find_attribute(conv, "auto_pad") == nullptr || says(conv, "auto_pad", "NOTSET"));
}

/// Given by factors: a size in numbers would name the channels, which change. `from` is its input's shape.
bool is_enlargement(const Node& resize, const Shape& from, const GraphIndex& index) {
  if (resize.op_type() != "Resize" || resize.input_size() != kScalesInput + 1 || !says(resize, "mode", "linear") ||
      index.constant(resize.input(kScalesInput)) == nullptr)
    return false;
  const Shape to = index.shape_of(resize.output(0));
  return from.size() == 4 && to.size() == 4 && from[0] == to[0] && from[1] == to[1] && to[2] >= from[2] &&
         to[3] >= from[3];
}

void rename_value_info(Graph& graph, const std::string& from, const std::string& to, const Shape& shape) {
  for (auto& info : *graph.mutable_value_info()) {
    if (info.name() != from) continue;
    info.set_name(to);
    auto& sides = *info.mutable_type()->mutable_tensor_type()->mutable_shape();
    for (int i = 0; i < sides.dim_size(); ++i) sides.mutable_dim(i)->set_dim_value(shape[static_cast<std::size_t>(i)]);
  }
}

/// Swaps one pair after another, from the front. The index stays that of the graph before: a swap
/// changes no answer of it that is asked for later, but for the shapes of the values it makes.
class Swapper {
 public:
  explicit Swapper(Graph& graph) : graph_(graph), index_(graph) {}

  bool swap_at(int conv_place) {
    Node& conv = *graph_.mutable_node(conv_place);
    if (!is_pointwise(conv, index_)) return false;
    const std::string between = conv.input(0);
    const int resize_place = index_.producer_of(between);
    if (resize_place < 0 || resize_place >= conv_place || index_.uses_of(between) != 1) return false;
    Node& resize = *graph_.mutable_node(resize_place);
    if (resize.input_size() == 0) return false;
    const Shape small = shape_of(resize.input(0));
    if (!is_enlargement(resize, small, index_)) return false;
    const std::int64_t channels = index_.shape_of(conv.input(1))[0];
    if (channels > small[1]) return false;
    if (index_.constant(conv.input(1)) == nullptr) return false;
    if (conv.input_size() > 2 && index_.constant(conv.input(2)) == nullptr) return false;

    const std::string small_result = conv.output(0) + ".small";
    made_[small_result] = {small[0], channels, small[2], small[3]};
    rename_value_info(graph_, between, small_result, made_[small_result]);
    conv.set_input(0, resize.input(0));
    resize.set_input(0, small_result);
    resize.set_output(0, conv.output(0));
    conv.set_output(0, small_result);
    conv.Swap(&resize);  // nodes stand in the order of computation
    return true;
  }

 private:
  [[nodiscard]] Shape shape_of(const std::string& value) const {
    const auto found = made_.find(value);
    return found == made_.end() ? index_.shape_of(value) : found->second;
  }

  Graph& graph_;
  const GraphIndex index_;
  std::unordered_map<std::string, Shape> made_;
};

}  // namespace

int swap_resize_and_conv(Graph& graph) {
  Swapper swapper(graph);
  int swapped = 0;
  for (int i = 0; i < graph.node_size(); ++i) swapped += swapper.swap_at(i) ? 1 : 0;
  return swapped;
}

}  // namespace viba::onnx
