#include "segment/tfjs_importer.h"

#include <algorithm>

#include "onnx_subset.pb.h"
#include "segment/import_math.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tfjs_error.h"
#include "segment/tfjs_graph.h"
#include "segment/tfjs_operators.h"

namespace viba::tfjs {
namespace {

/// Of all pictures that must be kept at a time; twice as much is what a node may need inside.
constexpr std::int64_t kMostLiveElements = std::int64_t{1} << 27;
constexpr std::int64_t kMostInputElements = std::int64_t{1} << 26;  ///< of one picture

/// Follows how many numbers have to be kept while nodes run one after another.
class LiveElements {
 public:
  LiveElements(const std::vector<Node>& nodes, const std::vector<std::string>& outputs) {
    for (const Node& node : nodes)
      for (const auto& input : node.inputs) ++uses_[input];
    for (const auto& output : outputs) ++uses_[output];
  }

  /// Gives how many there are while `node` runs.
  std::int64_t run(const Node& node, const ImportState& state) {
    live_ += state.values.at(node.name).image.elements();
    const std::int64_t most = live_;
    for (const auto& input : node.inputs)
      if (--uses_[input] == 0) live_ -= state.values.at(input).image.elements();
    return most;
  }

 private:
  std::unordered_map<std::string, int> uses_;
  std::int64_t live_ = 0;
};

bool fits(const std::vector<std::int64_t>& shape, const Attribute* declared) {
  if (shape.size() != 4 || shape[0] != 1) return false;
  std::int64_t left = kMostInputElements;
  for (const auto side : shape) {
    if (side < 1) return false;
    left /= side;
  }
  if (left == 0) return false;
  if (declared == nullptr || !declared->shape_known) return true;
  const auto same = [](std::int64_t given, std::int64_t wanted) { return wanted == -1 || wanted == given; };
  return std::ranges::equal(shape, declared->numbers, same);
}

const Node* placeholder(const Model& model, std::string_view name) {
  const auto found = std::ranges::find(model.nodes, name, &Node::name);
  return found == model.nodes.end() || found->op != "Placeholder" ? nullptr : &*found;
}

Result<void> add_inputs(ImportState& state) {
  for (const auto& [name, number] : state.settings.constants)
    if (placeholder(state.model, name) == nullptr)
      return unsupported(state.model.file, fmt::format("it has no input called \"{}\"", printable(name)));
  for (const auto& [name, shape] : state.settings.inputs) {
    const Node* node = placeholder(state.model, name);
    if (node == nullptr)
      return unsupported(state.model.file, fmt::format("it has no input called \"{}\"", printable(name)));
    const auto declared = node->attributes.find("shape");
    if (!fits(shape, declared == node->attributes.end() ? nullptr : &declared->second))
      return unsupported(state.model.file, fmt::format("its input \"{}\" does not take the shape {}", printable(name),
                                                       fmt::join(shape, "x")));
    const Image image{fmt::format("i{}", state.values.size()), shape[1], shape[2], shape[3]};
    if (!state.values.emplace(name, Value{.image = image}).second)
      return fail(ErrorCode::kInternal, fmt::format("The input \"{}\" is given twice.", printable(name)));
    state.builder.add_input(image.value, image.shape());
  }
  return {};
}

Result<void> add_nodes(const std::vector<Node>& nodes, ImportState& state) {
  LiveElements live(nodes, state.settings.outputs);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    OperatorContext context(state, nodes[i], i);
    if (auto done = translate(context); !done) return done;
    if (live.run(nodes[i], state) > kMostLiveElements)
      return unsupported(state.model.file,
                         fmt::format("at its node \"{}\" it asks for too much memory", printable(nodes[i].name)));
  }
  return {};
}

Result<void> add_outputs(const onnx::Graph& graph, ImportState& state) {
  const auto is_input = [&graph](const std::string& value) {
    return std::ranges::any_of(graph.input(), [&value](const auto& input) { return input.name() == value; });
  };
  for (const auto& output : state.settings.outputs) {
    const auto found = state.values.find(output);
    if (found == state.values.end() || found->second.image.value.empty() || is_input(found->second.image.value))
      return unsupported(state.model.file,
                         fmt::format("its output \"{}\" is not computed from a picture", printable(output)));
    const Image& image = found->second.image;
    state.builder.add_output(image.value, image.shape());
  }
  return {};
}

}  // namespace

Result<void> import_model(const Model& model, const ImportSettings& settings, onnx::Graph& graph) {
  auto all = model.nodes;
  fold_dilations(all, model.weights);
  const auto nodes = needed_nodes(all, settings.outputs, model.file);
  if (!nodes) return tl::unexpected(nodes.error());
  onnx::GraphBuilder builder(graph);
  ImportState state{.model = model, .settings = settings, .builder = builder, .values = {}};
  auto done = add_inputs(state);
  if (done) done = add_nodes(*nodes, state);
  if (done) done = add_outputs(graph, state);
  return done;
}

}  // namespace viba::tfjs
