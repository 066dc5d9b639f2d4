#include "segment/network.h"

#include <fmt/format.h>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"
#include "segment/tflite_importer.h"

namespace viba {
namespace {

constexpr std::int64_t kRgb = 3;

bool is_map(const OnnxTensor& tensor, std::int64_t channels) {
  return tensor.shape.size() == 4 && tensor.shape[0] == 1 && tensor.shape[1] == channels;
}

Size size_of(const OnnxTensor& tensor) {
  return {static_cast<int>(tensor.shape[3]), static_cast<int>(tensor.shape[2])};
}

bool ends_in_sigmoid(const onnx::Graph& graph) {
  const int last = graph.output_size() == 0 ? -1 : onnx::GraphIndex(graph).producer_of(graph.output(0).name());
  return last >= 0 && graph.node(last).op_type() == "Sigmoid";
}

}  // namespace

Result<Network> Network::load(const std::string& path, const Engine& engine) {
  const auto model = tflite::read_model(path);
  if (!model) return tl::unexpected(model.error());
  onnx::Graph graph;
  if (auto done = tflite::import_model(*model, graph); !done) return tl::unexpected(std::move(done).error());
  return create(std::move(graph), path, engine);
}

Result<Network> Network::create(onnx::Graph graph, const std::string& file, const Engine& engine,
                                OnnxSessionSettings settings) {
  onnx::swap_resize_and_conv(graph);
  onnx::expand_channel_scales(graph);
  const bool sigmoid = viba::ends_in_sigmoid(graph);
  auto session = OnnxSession::create(engine, onnx::serialize(std::move(graph)), file, settings);
  if (!session) return tl::unexpected(std::move(session).error());
  const auto inputs = session->inputs();
  const auto outputs = session->outputs();
  if (inputs.size() != 1 || outputs.size() != 1 || !is_map(inputs[0], kRgb) || !is_map(outputs[0], 1))
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model file {} cannot be used: it does not turn one RGB picture into one mask.", file));
  const Size in = size_of(inputs[0]);
  const Size out = size_of(outputs[0]);
  return Network(std::move(*session), in, out, sigmoid);
}

Result<std::span<const float>> Network::run() {
  if (auto done = session_.run(); !done) return tl::unexpected(std::move(done).error());
  return session_.outputs()[0].values;
}

}  // namespace viba
