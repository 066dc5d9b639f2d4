#include <viba/model_tools.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <set>

#include "media/npy_file.h"
#include "media/rgb_picture.h"
#include "media/scale.h"
#include "segment/feed_toml.h"
#include "segment/import_math.h"
#include "segment/make_segmenter.h"
#include "segment/model_loader.h"
#include "segment/network_segmenter.h"

namespace viba {
namespace {

constexpr Size kMeasuredFrame{1280, 720};

std::string list_of(const std::vector<Port>& ports) {
  std::string list;
  for (const Port& port : ports) {
    const std::string shape = port.shape_known ? fmt::format(" [{}]", fmt::join(port.shape, ", ")) : "";
    const std::string label =
        port.label.empty() || port.label == port.name ? "" : fmt::format(" ({})", printable(port.label));
    list += fmt::format("#   {}{}{}\n", printable(port.name), label, shape);
  }
  return list;
}

/// What comes out is not interpreted, and a size that is open is the picture's: doubts of these do not
/// matter.
void settle_for_raw_output(FeedGuess& guess, const std::string& output) {
  if (!output.empty()) guess.feed.output.tensor = output;
  guess.feed.output.channel = 0;
  std::erase_if(guess.doubts, [&](const Doubt& doubt) {
    return doubt.key == "input.size" || doubt.key == "output.channel" || doubt.key == "output.activation" ||
           doubt.key == "output.invert" || (doubt.key == "output.tensor" && !output.empty());
  });
}

/// In the file's own order of axes, when that has the channels last and the network has not.
std::vector<float> in_file_order(std::span<const float> values, const MapShape& map) {
  const auto channels = static_cast<std::size_t>(map.channels);
  const std::size_t area = values.size() / channels;
  std::vector<float> turned(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) turned[i % area * channels + i / area] = values[i];
  return turned;
}

/// Half gray: what is in the picture does not matter to how long it takes.
Result<Frame> gray_frame(Size size) {
  return FramePool().acquire(size).map([](MutableFrame&& frame) {
    viba::fill(frame, {126, 128, 128});
    return std::move(frame).freeze({});
  });
}

Result<double> median_ms(Segmenter& segmenter) {
  constexpr int kWarmUp = 3;
  constexpr std::size_t kFewest = 5, kMost = 100;
  constexpr std::chrono::seconds kEnough{2};
  const auto frame = gray_frame(kMeasuredFrame);
  if (!frame) return tl::unexpected(frame.error());
  Confidence confidence;
  std::vector<double> times;
  for (int i = 0; i < kWarmUp; ++i)
    if (auto done = segmenter.segment(*frame, confidence); !done) return tl::unexpected(std::move(done).error());
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  while (times.size() < kFewest || (times.size() < kMost && Clock::now() - begin < kEnough)) {
    const auto start = Clock::now();
    if (auto done = segmenter.segment(*frame, confidence); !done) return tl::unexpected(std::move(done).error());
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::ranges::nth_element(times, times.begin() + std::ssize(times) / 2);
  return times[times.size() / 2];
}

}  // namespace

Result<std::string> describe_model(const std::string& name, const Options& options, const Log& log) try {
  auto model = load_model(name, options, log, Description::kIgnored);
  if (!model) return tl::unexpected(std::move(model).error());
  std::set<std::string> doubts;
  for (const Doubt& doubt : model->guess.doubts) doubts.insert(doubt.key);
  const Signature& signature = model->file->signature();
  return fmt::format(
      "# How ViBa feeds {0}; to be kept beside it as {0}.toml.\n# Its inputs:\n{1}# Its outputs:\n{2}{3}",
      printable(std::filesystem::path(model->file->path()).filename().string()), list_of(signature.inputs),
      list_of(signature.outputs), toml_of(model->guess.feed, doubts));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The model {} could not be described ({}).", name, error.what()));
}

Result<void> run_model(const std::string& name, const std::string& picture, const std::string& file,
                       const std::string& output, const Options& options, const Log& log) try {
  auto model = load_model(name, options, log);
  if (!model) return tl::unexpected(std::move(model).error());
  settle_for_raw_output(model->guess, output);
  if (!model->guess.doubts.empty()) return tl::unexpected(doubtful(model->file->path(), model->guess.doubts));
  const auto rgb = load_rgb_picture(picture);
  if (!rgb) return tl::unexpected(rgb.error());
  const auto engine = make_engine(options, log);
  if (!engine) return tl::unexpected(engine.error());
  auto network = Network::create(*model->file, model->guess.feed, rgb->size, *engine);
  if (!network) return tl::unexpected(std::move(network).error());
  network->fill(rgb->views());
  if (auto done = network->run(); !done) return done;
  const bool turn = model->file->turned() && network->map().channels > 1;
  if (!turn) return write_npy(file, network->file_shape(), network->values());
  return write_npy(file, network->file_shape(), in_file_order(network->values(), network->map()));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be run ({}).", error.what()));
}

Result<ModelMeasure> measure_model(const Options& options, const Log& log) try {
  auto segmenter = make_network_segmenter(options, log);
  if (!segmenter) return tl::unexpected(std::move(segmenter).error());
  return median_ms(**segmenter).map([&](double ms) {
    const Network& network = *(*segmenter)->network();
    return ModelMeasure{.ms_per_mask = ms,
                        .million_multiply_adds = network.million_multiply_adds(),
                        .input = network.input_size(),
                        .device = (*segmenter)->engine().device};
  });
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be measured ({}).", error.what()));
}

}  // namespace viba
