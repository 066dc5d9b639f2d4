#include "segment/onnx_segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/data_dirs.h"
#include "segment/bodypix_segmenter.h"
#include "segment/model_table.h"
#include "segment/network.h"
#include "segment/network_input.h"

namespace viba {
namespace {

/// Those that the original ViBa takes, and fetches.
constexpr std::string_view kNamesToCome[] = {"mobilenet_quant4_100_stride16", "mobilenet_quant4_075_stride16"};
constexpr float kRounding = 1e-3F;  ///< how far beyond 0..1 a sigmoid may come out

class OnnxSegmenter : public Segmenter {
 public:
  /// `remedy` is what helps against a damaged file.
  OnnxSegmenter(std::string name, Network network, std::string_view remedy)
      : name_(std::move(name)), remedy_(remedy), network_(std::move(network)), input_(network_.input_size()) {}

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
                              "damaged: {}.",
                              name_, remedy_));
    confidence.size = network_.output_size();
    confidence.values.resize(values->size());
    std::ranges::transform(*values, confidence.values.begin(), [](float x) { return std::clamp(x, 0.0F, 1.0F); });
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", error.what()));
  }

 private:
  std::string name_, remedy_;
  Network network_;
  NetworkInput input_;
};

std::string known_names() {
  std::string names;
  for (const auto& model : model_table()) names += fmt::format("{}{}", names.empty() ? "" : ", ", model.name);
  return names;
}

Result<const ModelInfo*> chosen_model(const std::string& name) {
  if (std::ranges::find(kNamesToCome, name) != std::end(kNamesToCome))
    return fail(ErrorCode::kUsage,
                fmt::format("--model-name {}: fetching BodyPix models by name is not in this version yet; give the "
                            "path of its model.json, as in --model-name FOLDER/model-stride16.json, or use "
                            "--model-name {}.",
                            name, model_table().front().name));
  if (const ModelInfo* model = find_model(name)) return model;
  return fail(ErrorCode::kUsage,
              fmt::format("--model-name {}: there is no model of that name; use one of: {}; or give the path of a "
                          ".json or .tflite file.",
                          name, known_names()));
}

Result<std::string> file_of(const ModelInfo& model, const Options& options) {
  const std::string relative = fmt::format("models/{}", model.file);
  if (auto found = find_data_file(options, relative)) return *found;
  const auto dirs = data_dirs(options);
  return fail(ErrorCode::kNotFound,
              fmt::format("The model {} was not found (looked for {} in {}); run ./scripts/run, which fetches it.",
                          model.name, relative, dirs.empty() ? "no folder" : fmt::format("{}", fmt::join(dirs, ", "))));
}

Result<std::unique_ptr<Segmenter>> bundled_segmenter(const ModelInfo& model, const std::string& file,
                                                     const Engine& engine) {
  auto network = Network::load(file, engine);
  if (!network) return tl::unexpected(std::move(network).error());
  const Size size = network->input_size();
  if (size != model.input)
    return fail(ErrorCode::kBadData,
                fmt::format("The model file {} is not the one of its name: it takes pictures of {}x{}; delete it and "
                            "run ./scripts/run, which fetches it anew.",
                            file, size.width, size.height));
  auto name = fmt::format("{}, {}x{}, on the CPU", model.description, size.width, size.height);
  return std::make_unique<OnnxSegmenter>(std::move(name), std::move(*network), "delete it and run ./scripts/run");
}

/// A file that nothing is known of but itself: it must be fed as the selfie models are.
Result<std::unique_ptr<Segmenter>> tflite_segmenter(const std::string& file, const Engine& engine) {
  auto network = Network::load(file, engine);
  if (!network) return tl::unexpected(std::move(network).error());
  if (!network->ends_in_sigmoid())
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model file {} cannot be used: it does not end in a sigmoid, so what it gives is no "
                            "confidence; ViBa runs those that do, as the MediaPipe selfie models.",
                            file));
  const Size size = network->input_size();
  auto name = fmt::format("{}, {}x{}, on the CPU", file, size.width, size.height);
  return std::make_unique<OnnxSegmenter>(std::move(name), std::move(*network), "fetch it anew");
}

enum class Kind { kName, kTfjs, kTflite };

/// Models by path are told by their ending, as names have neither slash nor ending.
Result<Kind> kind_of(const std::string& name) {
  if (name.ends_with(".json")) return Kind::kTfjs;
  if (name.ends_with(".tflite")) return Kind::kTflite;
  if (name.ends_with(".onnx"))
    return fail(ErrorCode::kUsage, fmt::format("--model-name {}: ONNX files are not in this version yet; give a .json "
                                               "(BodyPix) or .tflite file.",
                                               name));
  if (name.find('/') == std::string::npos) return Kind::kName;
  return fail(ErrorCode::kUsage,
              fmt::format("--model-name {}: a model file must end in .json (BodyPix) or .tflite.", name));
}

}  // namespace

Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log) try {
  if (options.gpu != Gpu::kOff)
    return fail(ErrorCode::kUsage, "--use-gpu is not in this version yet; leave it out to run on the CPU.");
  const auto kind = kind_of(options.model_name);
  if (!kind) return tl::unexpected(kind.error());
  const auto model = *kind == Kind::kName ? chosen_model(options.model_name) : Result<const ModelInfo*>(nullptr);
  if (!model) return tl::unexpected(model.error());
  const auto file = *model == nullptr ? Result<std::string>(options.model_name) : file_of(**model, options);
  if (!file) return tl::unexpected(file.error());
  const auto engine = make_engine(options, log);
  if (!engine) return tl::unexpected(engine.error());
  log.debug(fmt::format("The model comes from {}.", *file));
  switch (*kind) {
    case Kind::kTfjs: return make_bodypix_segmenter(*file, *engine);
    case Kind::kTflite: return tflite_segmenter(*file, *engine);
    case Kind::kName: break;
  }
  return bundled_segmenter(**model, *file, *engine);
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be made ready ({}).", error.what()));
}

}  // namespace viba
