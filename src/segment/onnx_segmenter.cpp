#include "segment/onnx_segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/data_dirs.h"
#include "segment/model_table.h"
#include "segment/network.h"
#include "segment/network_input.h"

namespace viba {
namespace {

/// Those that the original ViBa takes.
constexpr std::string_view kModelsToCome[] = {"mobilenet_quant4_100_stride16", "mobilenet_quant4_075_stride16"};
constexpr float kRounding = 1e-3F;  ///< how far beyond 0..1 a sigmoid may come out

class OnnxSegmenter : public Segmenter {
 public:
  OnnxSegmenter(std::string name, Network network)
      : name_(std::move(name)), network_(std::move(network)), input_(network_.input_size()) {}

  std::string name() const override { return name_; }

  Result<void> segment(const Frame& frame, Confidence& confidence) override try {
    if (frame.empty()) return fail(ErrorCode::kInference, "The neural network was given a frame without a picture.");
    input_.fill(frame, network_.input());
    const auto values = network_.run();
    if (!values) return tl::unexpected(values.error());
    // Written so that a NaN fails it.
    const auto sane = [](float x) { return x >= -kRounding && x <= 1 + kRounding; };
    if (!std::ranges::all_of(*values, sane))
      return fail(ErrorCode::kInference,
                  fmt::format("The neural network {} gave something that is no confidence; its model file may be "
                              "damaged: delete it and run ./scripts/run.",
                              name_));
    confidence.size = network_.output_size();
    confidence.values.resize(values->size());
    std::ranges::transform(*values, confidence.values.begin(), [](float x) { return std::clamp(x, 0.0F, 1.0F); });
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", error.what()));
  }

 private:
  std::string name_;
  Network network_;
  NetworkInput input_;
};

std::string known_names() {
  std::string names;
  for (const auto& model : model_table()) names += fmt::format("{}{}", names.empty() ? "" : ", ", model.name);
  return names;
}

Result<const ModelInfo*> chosen_model(const Options& options) {
  if (options.use_gpu)
    return fail(ErrorCode::kUsage, "--use-gpu is not in this version yet; leave it out to run on the CPU.");
  if (std::ranges::find(kModelsToCome, options.model_name) != std::end(kModelsToCome))
    return fail(ErrorCode::kUsage, fmt::format("--model-name {}: the BodyPix models are not in this version yet; use "
                                               "--model-name {}.",
                                               options.model_name, model_table().front().name));
  if (const ModelInfo* model = find_model(options.model_name)) return model;
  return fail(ErrorCode::kUsage, fmt::format("--model-name {}: there is no model of that name; use one of: {}.",
                                             options.model_name, known_names()));
}

Result<std::string> file_of(const ModelInfo& model, const Options& options) {
  const std::string relative = fmt::format("models/{}", model.file);
  if (auto found = find_data_file(options, relative)) return *found;
  const auto dirs = data_dirs(options);
  return fail(ErrorCode::kNotFound,
              fmt::format("The model {} was not found (looked for {} in {}); run ./scripts/run, which fetches it.",
                          model.name, relative, dirs.empty() ? "no folder" : fmt::format("{}", fmt::join(dirs, ", "))));
}

}  // namespace

Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log) try {
  const auto model = chosen_model(options);
  if (!model) return tl::unexpected(model.error());
  const auto file = file_of(**model, options);
  if (!file) return tl::unexpected(file.error());
  auto runtime = OnnxRuntime::load(onnx_runtime_candidates());
  if (!runtime) return tl::unexpected(std::move(runtime).error());
  log.debug(fmt::format("ONNX Runtime {} from {}, model from {}", (*runtime)->version(), (*runtime)->path(), *file));
  auto network = Network::load(*file, std::move(*runtime));
  if (!network) return tl::unexpected(std::move(network).error());
  const Size size = network->input_size();
  if (size != (*model)->input)
    return fail(ErrorCode::kBadData,
                fmt::format("The model file {} is not the one of its name: it takes pictures of {}x{}; delete it and "
                            "run ./scripts/run, which fetches it anew.",
                            *file, size.width, size.height));
  auto name = fmt::format("{}, {}x{}, on the CPU", (*model)->description, size.width, size.height);
  return std::make_unique<OnnxSegmenter>(std::move(name), std::move(*network));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be made ready ({}).", error.what()));
}

}  // namespace viba
