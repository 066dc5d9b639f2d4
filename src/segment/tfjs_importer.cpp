#include "segment/tfjs_importer.h"

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

Result<void> add_nodes(const std::vector<Node>& nodes, const std::vector<std::string>& outputs, ImportState& state) {
  LiveElements live(nodes, outputs);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    OperatorContext context(state, nodes[i], i);
    if (auto done = translate(context); !done) return done;
    if (live.run(nodes[i], state) > kMostLiveElements)
      return unsupported(state.model.file,
                         fmt::format("at its node \"{}\" it asks for too much memory", printable(nodes[i].name)));
  }
  return {};
}

Result<void> add_outputs(const std::vector<std::string>& outputs, const onnx::Graph& graph, ImportState& state) {
  for (const auto& output : outputs) {
    const Image& image = state.values.at(output).image;
    if (image.value.empty() || graph.input_size() == 0 || image.value == graph.input(0).name())
      return unsupported(state.model.file,
                         fmt::format("its output \"{}\" is not computed from a picture", printable(output)));
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
  ImportState state{.model = model, .input = settings.input, .builder = builder, .values = {}};
  auto done = add_nodes(*nodes, settings.outputs, state);
  if (done) done = add_outputs(settings.outputs, graph, state);
  return done;
}

}  // namespace viba::tfjs
