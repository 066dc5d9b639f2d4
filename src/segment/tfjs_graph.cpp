#include "segment/tfjs_graph.h"

#include <array>
#include <unordered_map>

#include "segment/import_math.h"
#include "segment/tfjs_error.h"

namespace viba::tfjs {
namespace {

/// A walk from the outputs to the inputs, depth first. It keeps its own stack: a chain may be as long
/// as a hostile file makes it.
class Walk {
 public:
  Walk(const std::vector<Node>& nodes, const std::string& file)
      : nodes_(nodes), file_(file), states_(nodes.size(), State::kUnseen) {}

  Result<std::vector<Node>> run(std::span<const std::string> outputs) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (!places_.emplace(nodes_[i].name, i).second)
        return damaged(file_, fmt::format("it has two nodes called \"{}\"", printable(nodes_[i].name)));
    for (const auto& output : outputs) {
      const auto place = places_.find(node_of_output(output));
      if (place == places_.end())
        return unsupported(file_, fmt::format("it has no output called \"{}\"", printable(output)));
      if (auto done = visit(place->second); !done) return tl::unexpected(std::move(done).error());
    }
    return std::move(ordered_);
  }

 private:
  enum class State { kUnseen, kOpen, kDone };
  struct Step {
    std::size_t node, next_input;
  };

  Result<void> visit(std::size_t from) {
    std::vector<Step> path;
    const auto open = [&](std::size_t node) {
      states_[node] = State::kOpen;
      path.push_back({node, 0});
    };
    if (states_[from] == State::kUnseen) open(from);
    while (!path.empty()) {
      auto& [place, next_input] = path.back();
      const Node& node = nodes_[place];
      if (next_input == node.inputs.size()) {
        states_[place] = State::kDone;
        ordered_.push_back(node);
        path.pop_back();
        continue;
      }
      const std::string& input = node.inputs[next_input++];
      const auto found = places_.find(node_of_output(input));
      if (found == places_.end())
        return damaged(file_, fmt::format("its node \"{}\" takes \"{}\", which is not there", printable(node.name),
                                          printable(input)));
      if (states_[found->second] == State::kOpen)
        return damaged(file_, fmt::format("its node \"{}\" takes its input from itself", printable(input)));
      if (states_[found->second] == State::kUnseen) open(found->second);
    }
    return {};
  }

  const std::vector<Node>& nodes_;
  const std::string& file_;
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<State> states_;
  std::vector<Node> ordered_;
};

/// How many pixels are added to both ends of both axes: top, bottom, left, right.
using Paddings = std::array<std::int64_t, 4>;

class DilationFolder {
 public:
  DilationFolder(const std::vector<Node>& nodes, const WeightsByName& weights) : nodes_(nodes), weights_(weights) {
    for (std::size_t i = 0; i < nodes.size(); ++i) places_.emplace(nodes[i].name, i);
  }

  void fold(Node& gather) const {
    if (gather.op != "BatchToSpaceND" || gather.inputs.size() != 3) return;
    const Node* conv = producer(gather.inputs[0]);
    const Node* deal = conv == nullptr || conv->inputs.size() < 2 ? nullptr : producer(conv->inputs[0]);
    if (deal == nullptr || deal->op != "SpaceToBatchND" || deal->inputs.size() != 3 || !is_plain_convolution(*conv))
      return;
    const auto block = integers(deal->inputs[1], 2);
    const auto added = integers(deal->inputs[2], 4);
    const auto removed = integers(gather.inputs[2], 4);
    const auto filter = weights_.find(conv->inputs[1]);
    if (block.empty() || added.empty() || removed.empty() || block != integers(gather.inputs[1], 2) ||
        filter == weights_.end() || filter->second.shape.size() != 4)
      return;
    Paddings paddings = own_paddings(*conv, filter->second.shape);
    for (std::size_t i = 0; i < paddings.size(); ++i) {
      paddings[i] = paddings[i] * block[i / 2] + added[i] - removed[i];
      if (paddings[i] < 0) return;
    }
    Node folded = *conv;
    folded.name = gather.name;
    folded.inputs[0] = deal->inputs[0];
    folded.attributes["dilations"] = {{1, block[0], block[1], 1}, {}};
    folded.attributes["padding"] = {{}, {"EXPLICIT"}};
    folded.attributes["explicit_paddings"] = {{0, 0, paddings[0], paddings[1], paddings[2], paddings[3], 0, 0}, {}};
    gather = std::move(folded);
  }

 private:
  [[nodiscard]] const Node* producer(const std::string& name) const {
    const auto found = places_.find(name);
    return found == places_.end() ? nullptr : &nodes_[found->second];
  }

  /// Empty when that is no constant of `count` numbers, each in the range of steps.
  [[nodiscard]] std::vector<std::int64_t> integers(const std::string& name, std::size_t count) const {
    const auto found = weights_.find(name);
    if (found == weights_.end()) return {};
    const auto* values = std::get_if<std::vector<std::int32_t>>(&found->second.values);
    if (values == nullptr || values->size() != count) return {};
    for (const auto value : *values)
      if (value < 0 || value > kLargestStep) return {};
    return {values->begin(), values->end()};
  }

  static bool is_plain_convolution(const Node& node) {
    if (node.op != "Conv2D" && node.op != "_FusedConv2D" && node.op != "DepthwiseConv2dNative" &&
        node.op != "FusedDepthwiseConv2dNative")
      return false;
    for (const char* name : {"strides", "dilations"})
      if (const auto found = node.attributes.find(name); found != node.attributes.end())
        for (const auto step : found->second.numbers)
          if (step != 1) return false;
    return padding_of(node) == "VALID" || padding_of(node) == "SAME";
  }

  static std::string padding_of(const Node& node) {
    const auto found = node.attributes.find("padding");
    return found == node.attributes.end() || found->second.texts.empty() ? "" : found->second.texts[0];
  }

  static Paddings own_paddings(const Node& conv, const std::vector<std::int64_t>& filter) {
    if (padding_of(conv) == "VALID") return {};
    const auto [top, left] = std::pair{(filter[0] - 1) / 2, (filter[1] - 1) / 2};
    return {top, filter[0] - 1 - top, left, filter[1] - 1 - left};
  }

  const std::vector<Node>& nodes_;
  const WeightsByName& weights_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Result<std::vector<Node>> needed_nodes(const std::vector<Node>& nodes, std::span<const std::string> outputs,
                                       const std::string& file) {
  return Walk(nodes, file).run(outputs);
}

void fold_dilations(std::vector<Node>& nodes, const WeightsByName& weights) {
  const DilationFolder folder(nodes, weights);
  for (Node& node : nodes) folder.fold(node);
}

}  // namespace viba::tfjs
