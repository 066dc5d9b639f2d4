#include "segment/tfjs_importer.h"

#include <algorithm>
#include <unordered_set>

#include "onnx_subset.pb.h"
#include "segment/import_math.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"
#include "segment/tfjs_error.h"
#include "segment/tfjs_graph.h"
#include "segment/tfjs_operators.h"

namespace viba::tfjs {
namespace {

/// Of all pictures that must be kept at a time; twice as much is what a node may need inside.
constexpr std::int64_t kMostLiveElements = std::int64_t{1} << 27;
constexpr std::int64_t kMostInputElements = std::int64_t{1} << 26;  ///< of one picture

/// How many numbers have to be kept at the worst place while nodes run one after another.
std::int64_t most_live_elements(const onnx::Graph& graph) {
  const onnx::GraphIndex index(graph);
  const auto elements = [&index](const std::string& value) { return count_of(index.shape_of(value)); };
  std::unordered_map<std::string, int> uses;
  for (const auto& node : graph.node())
    for (const auto& input : node.input()) ++uses[input];
  std::int64_t live = 0;
  for (const auto& input : graph.input()) live += elements(input.name());
  for (const auto& output : graph.output()) ++uses[output.name()];
  std::int64_t most = live;
  for (const auto& node : graph.node()) {
    live += elements(node.output(0));
    most = std::max(most, live);
    for (const auto& input : node.input())
      if (--uses[input] == 0 && index.producer_of(input) >= 0) live -= elements(input);
  }
  return most;
}

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
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    OperatorContext context(state, nodes[i], fmt::format("n{}", i));
    if (auto done = translate(context); !done) return done;
  }
  return {};
}

Result<void> add_outputs(const onnx::Graph& graph, ImportState& state) {
  std::unordered_set<std::string> inputs;
  for (const auto& input : graph.input()) inputs.insert(input.name());
  std::unordered_set<std::string> taken;
  for (const auto& output : state.settings.outputs) {
    const auto found = state.values.find(output);
    if (found == state.values.end() || found->second.image.value.empty() || inputs.contains(found->second.image.value))
      return unsupported(state.model.file,
                         fmt::format("its output \"{}\" is not computed from a picture", printable(output)));
    Image image = found->second.image;
    if (!taken.insert(image.value).second) {
      // A value has one name in ONNX, and leaves the graph once.
      const std::string own = fmt::format("o{}", graph.output_size());
      state.builder.add_node("Identity", {image.value}, own, image.shape());
      image.value = own;
    }
    state.builder.add_output(image.value, image.shape());
  }
  return {};
}

}  // namespace

Result<void> import_model(const Model& model, const ImportSettings& settings, onnx::Graph& graph) {
  const auto nodes = needed_nodes(model.nodes, settings.outputs, model.file);
  if (!nodes) return tl::unexpected(nodes.error());
  onnx::GraphBuilder builder(graph);
  ImportState state{.model = model, .settings = settings, .builder = builder};
  auto done = add_inputs(state);
  if (done) done = add_nodes(*nodes, state);
  if (done) done = add_outputs(graph, state);
  if (!done) return done;
  onnx::drop_unused(graph);
  if (most_live_elements(graph) > kMostLiveElements)
    return unsupported(model.file, "with pictures of that size it asks for too much memory");
  return {};
}

}  // namespace viba::tfjs
