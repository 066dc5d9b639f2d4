#include "segment/feed_guess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "segment/feed_toml.h"
#include "segment/file_bytes.h"
#include "segment/import_math.h"

#include "segment/known_feeds.h"

namespace viba {
namespace {

constexpr std::int64_t kRgb = 3;
constexpr std::uint64_t kMostTomlBytes = 65536;

const Port* port_called(const std::vector<Port>& ports, std::string_view name) {
  const auto found =
      std::ranges::find_if(ports, [&](const Port& port) { return port.name == name || port.label == name; });
  return found == ports.end() ? nullptr : &*found;
}

std::string names_of(const std::vector<Port>& ports) {
  std::string names;
  for (const Port& port : ports)
    names += fmt::format("{}{}", names.empty() ? "" : ", ", printable(port.label.empty() ? port.name : port.label));
  return names;
}

/// A picture of a size that every stride of the family divides tells by what comes out of it.
int bodypix_stride(const ModelFile& file) {
  constexpr std::int64_t kSide = 4 * 64 + 1;
  NetworkPlan plan{.inputs = file.signature().inputs, .outputs = {"float_segments"}};
  if (plan.inputs.size() != 1) return 0;
  plan.inputs[0].shape = {1, kSide, kSide, kRgb};
  const auto shape = file.output_shape(plan);
  if (shape.size() != 4 || shape[3] != 1 || shape[1] != shape[2] || shape[1] < 5 || (kSide - 1) % (shape[1] - 1) != 0)
    return 0;
  return static_cast<int>((kSide - 1) / (shape[1] - 1));
}

std::optional<FeedGuess> guess_bodypix(const ModelFile& file) {
  const bool mobilenet = file.mentions("MobilenetV1/");
  if (!file.mentions("float_segments") || (!mobilenet && !file.mentions("resnet_v1_50/"))) return std::nullopt;
  const int stride = bodypix_stride(file);
  if (stride == 0) return std::nullopt;
  return FeedGuess{.feed = bodypix_feed(mobilenet ? BodyPixBackbone::kMobileNet : BodyPixBackbone::kResNet50, stride),
                   .family = fmt::format("BodyPix {}, stride {}", mobilenet ? "MobileNet" : "ResNet50", stride)};
}

std::optional<FeedGuess> guess_rvm(const ModelFile& file) {
  const auto& [inputs, outputs] = file.signature();
  for (const char* name : {"src", "r1i", "r2i", "r3i", "r4i", "downsample_ratio"})
    if (port_called(inputs, name) == nullptr) return std::nullopt;
  for (const char* name : {"pha", "r1o", "r2o", "r3o", "r4o"})
    if (port_called(outputs, name) == nullptr) return std::nullopt;
  return FeedGuess{.feed = rvm_feed(), .family = "Robust Video Matting"};
}

/// MediaPipe's selfie models have an operator that no others have.
std::optional<FeedGuess> guess_selfie(const ModelFile& file) {
  const auto& [inputs, outputs] = file.signature();
  if (!file.mentions("Convolution2DTransposeBias") || inputs.size() != 1 || outputs.size() != 1 ||
      file.maker_of(outputs[0].name) != "LOGISTIC" || inputs[0].shape.size() != 4 || outputs[0].shape.back() != 1)
    return std::nullopt;
  const auto& shape = inputs[0].shape;
  return FeedGuess{.feed = selfie_feed({static_cast<int>(shape[2]), static_cast<int>(shape[1])}),
                   .family = "MediaPipe selfie"};
}

/// What can be said of a network that nothing is known of.
class Guesser {
 public:
  explicit Guesser(const ModelFile& file) : file_(file) {}

  FeedGuess run() {
    input();
    output();
    return std::move(guess_);
  }

 private:
  void doubt(std::string key, std::string choice = "") { guess_.doubts.push_back({std::move(key), std::move(choice)}); }

  [[nodiscard]] bool takes_pictures(const Port& port) const {
    return port.shape_known && port.shape.size() == 4 &&
           (port.shape[3] == kRgb || (!file_.turned() && port.shape[1] == kRgb));
  }

  void input() {
    const auto& ports = file_.signature().inputs;
    InputFeed& feed = guess_.feed.input;
    const auto found = std::ranges::find_if(ports, [&](const Port& port) { return takes_pictures(port); });
    if (found == ports.end()) {
      if (ports.size() == 1 && !ports[0].shape_known)
        feed.tensor = ports[0].name;
      else
        doubt("input.tensor", fmt::format("one of {}", names_of(ports)));
      doubt("input.size");
    } else {
      feed.tensor = found->name;
      const bool last = file_.turned() || found->shape[1] != kRgb;
      feed.layout = last ? Layout::kNhwc : Layout::kNchw;
      guess_.feed.output.layout = feed.layout;
      const auto height = found->shape[last ? 1 : 2], width = found->shape[last ? 2 : 3];
      if (height > 0 && width > 0 && height <= kLargestSide && width <= kLargestSide)
        feed.size = Size{static_cast<int>(width), static_cast<int>(height)};
      else
        doubt("input.size");
    }
    // TensorFlow's MobileNet is trained on -1..1, and keeps its names wherever it is built in.
    if (file_.turned() && file_.mentions("MobilenetV1/"))
      feed.range = {-1, 1};
    else
      doubt("input.range");
    if (ports.size() > 1) doubt("recurrent.states", fmt::format("what feeds {}", names_of(ports)));
  }

  /// -1 when the file does not say.
  std::int64_t channels_of(const Port& port, Layout layout) const {
    if (!port.shape_known || port.shape.size() < 2) return -1;
    if (port.shape.size() < 4) return 1;
    return port.shape[layout == Layout::kNhwc ? 3 : 1];
  }

  void output() {
    const auto& ports = file_.signature().outputs;
    OutputFeed& feed = guess_.feed.output;
    std::vector<const Port*> masks;
    for (const Port& port : ports)
      if (channels_of(port, feed.layout) == 1) masks.push_back(&port);
    const Port* chosen = ports.size() == 1 ? &ports[0] : masks.empty() ? nullptr : masks[0];
    if (chosen != nullptr) feed.tensor = chosen->name;
    if (ports.size() != 1 && masks.size() != 1) doubt("output.tensor", fmt::format("one of {}", names_of(ports)));
    if (chosen == nullptr || channels_of(*chosen, feed.layout) != 1) doubt("output.channel");
    doubt("output.invert");  // no graph tells whether it finds the person or the room
    const std::string maker = chosen == nullptr ? "" : file_.maker_of(chosen->name);
    constexpr std::array kProbabilities{"Sigmoid", "LOGISTIC", "Softmax", "SOFTMAX"};
    if (std::ranges::find(kProbabilities, maker) == kProbabilities.end()) {
      feed.activation = Activation::kSigmoid;
      doubt("output.activation");
    }
  }

  static constexpr std::int64_t kLargestSide = 8192;

  const ModelFile& file_;
  FeedGuess guess_;
};

/// Nothing when no description lies beside the model.
Result<std::optional<std::string>> toml_beside(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(feed_file_of(file), error)) return std::nullopt;
  const auto bytes = file_bytes(feed_file_of(file), kMostTomlBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return std::string(bytes->begin(), bytes->end());
}

}  // namespace

FeedGuess guess_feed(const ModelFile& file) {
  for (const auto guess : {guess_bodypix, guess_rvm, guess_selfie})
    if (auto known = guess(file)) return std::move(*known);
  return Guesser(file).run();
}

Result<FeedGuess> described_feed(const ModelFile& file) {
  FeedGuess guess = guess_feed(file);
  const auto text = toml_beside(file.path());
  if (!text) return tl::unexpected(text.error());
  if (!*text) return guess;
  const auto stated = apply_toml(**text, feed_file_of(file.path()), guess.feed);
  if (!stated) return tl::unexpected(stated.error());
  std::erase_if(guess.doubts, [&](const Doubt& doubt) { return stated->contains(doubt.key); });
  const OutputFeed& output = guess.feed.output;
  if (output.grid == Grid::kCorners && output.activation != Activation::kSigmoid)
    return fail(
        ErrorCode::kBadData,
        fmt::format("The description {} cannot be used: output.grid = \"corners\" goes with output.activation = "
                    "\"sigmoid\" only.",
                    feed_file_of(file.path())));
  return guess;
}

Error doubtful(const std::string& file, const std::vector<Doubt>& doubts) {
  std::string list;
  for (const auto& [key, choice] : doubts)
    list +=
        fmt::format("{}{} ({}{}{})", list.empty() ? "" : ", ", key, values_of(key), choice.empty() ? "" : ": ", choice);
  return {ErrorCode::kUnsupported,
          fmt::format("The model file {} does not tell how to feed it: a file of the same name with .toml behind must "
                      "state {}; write it with viba models describe FILE > FILE.toml, and correct it.",
                      file, list)};
}

}  // namespace viba
