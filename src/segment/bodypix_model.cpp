#include "segment/bodypix_model.h"

#include <algorithm>
#include <cmath>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"
#include "segment/tfjs_error.h"
#include "segment/tfjs_importer.h"

namespace viba {
namespace {

constexpr const char* kOutput = "float_segments";
constexpr std::int64_t kRgb = 3;
constexpr double kMostPixels = 1921.0 * 1089;
constexpr int kLargestStride = 64;
constexpr int kTrialSide = 4 * kLargestStride + 1;  ///< a multiple of every stride of the family, plus 1

struct Architecture {
  std::string_view node_prefix;
  std::string_view name;
  PixelRange range;
};

/// MobileNet takes -1..1. ResNet takes 0..255 less the mean colour of the pictures it was trained on.
constexpr Architecture kArchitectures[] = {
    {"MobilenetV1/", "MobileNet", {{2, 2, 2}, {-1, -1, -1}}},
    {"resnet_v1_50/", "ResNet50", {{255, 255, 255}, {-123.15F, -115.90F, -103.06F}}},
};

Result<onnx::Graph> graph_of(const tfjs::Model& model, Size input) {
  const auto inputs = tfjs::signature_of(model).inputs;
  if (inputs.size() != 1)
    return tfjs::unsupported(model.file,
                             fmt::format("it takes {} inputs, and BodyPix takes one picture", inputs.size()));
  onnx::Graph graph;
  auto done = tfjs::import_model(
      model, {.inputs = {{inputs[0].name, {1, input.height, input.width, kRgb}}}, .outputs = {kOutput}}, graph);
  if (!done) return tl::unexpected(std::move(done).error());
  return graph;
}

}  // namespace

Result<BodyPixModel> BodyPixModel::load(const std::string& path) {
  auto read = tfjs::read_model(path);
  if (!read) return tl::unexpected(std::move(read).error());
  BodyPixModel model(std::move(*read));
  auto done = model.find_architecture();
  if (done) done = model.find_stride();
  if (!done) return tl::unexpected(std::move(done).error());
  return model;
}

Result<void> BodyPixModel::find_architecture() {
  if (std::ranges::find(model_.nodes, kOutput, &tfjs::Node::name) == model_.nodes.end())
    return tfjs::unsupported(model_.file, fmt::format("it has no output {}, so it is no BodyPix model, which is the "
                                                      "only kind of TF.js model that ViBa knows",
                                                      kOutput));
  for (const Architecture& architecture : kArchitectures) {
    const auto is_own = [&](const tfjs::Node& node) { return node.name.starts_with(architecture.node_prefix); };
    if (!std::ranges::any_of(model_.nodes, is_own)) continue;
    range_ = architecture.range;
    description_ = fmt::format("BodyPix {}", architecture.name);
    return {};
  }
  return tfjs::unsupported(model_.file, "it is neither BodyPix's MobileNet nor its ResNet50");
}

Result<void> BodyPixModel::find_stride() {
  const auto graph = graph_of(model_, {kTrialSide, kTrialSide});
  if (!graph) return tl::unexpected(graph.error());
  const auto shape = onnx::GraphIndex(*graph).shape_of(graph->output(0).name());
  const auto steps = shape[2] - 1;
  if (shape[1] != 1 || shape[2] != shape[3] || steps < 4 || (kTrialSide - 1) % steps != 0)
    return tfjs::unsupported(model_.file, fmt::format("of a picture of {0}x{0} it makes {1} maps of {2}x{3}, which is "
                                                      "no mask of BodyPix",
                                                      kTrialSide, shape[1], shape[3], shape[2]));
  stride_ = static_cast<int>((kTrialSide - 1) / steps);
  description_ += fmt::format(", stride {}", stride_);
  return {};
}

Size BodyPixModel::input_size(Size frame) const {
  const double area = static_cast<double>(frame.width) * frame.height;
  const double shrink = std::min(1.0, std::sqrt(kMostPixels / std::max(area, 1.0)));
  const auto rounded = [&](int side) { return std::max(static_cast<int>(side * shrink) / stride_, 1) * stride_ + 1; };
  return {rounded(frame.width), rounded(frame.height)};
}

Result<Network> BodyPixModel::network(Size input, const Engine& engine, OnnxSessionSettings settings) const {
  auto graph = graph_of(model_, input);
  if (!graph) return tl::unexpected(std::move(graph).error());
  return Network::create(std::move(*graph), model_.file, engine, settings);
}

}  // namespace viba
