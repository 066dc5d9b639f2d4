#include "segment/onnx_segmenter.h"

#include <fmt/format.h>

#include <exception>
#include <optional>

#include "segment/confidence_reader.h"
#include "segment/model_loader.h"
#include "segment/network.h"

namespace viba {
namespace {

constexpr Size kTrialFrame{64, 64};  ///< enough to see that the network runs

class OnnxSegmenter final : public Segmenter {
 public:
  OnnxSegmenter(LoadedModel model, Engine engine) : model_(std::move(model)), engine_(std::move(engine)) {}

  std::string name() const override {
    const auto size = model_.guess.feed.input.size;
    const std::string input = size ? fmt::format(", {}x{}", size->width, size->height) : "";
    return fmt::format("{}{}, on {}", model_.description, input, engine_.device);
  }

  double threshold() const override { return model_.guess.feed.output.threshold; }

  void reset() override {
    if (ready_) ready_->network.reset();
  }

  /// A network is made for one size of pictures; what it remembers belongs to one size of frames.
  Result<void> prepare(Size frame) {
    const Feed& feed = model_.guess.feed;
    if (ready_ && feed.input.size_for(frame) == ready_->network.input_size()) {
      if (frame != std::exchange(ready_->frame, frame)) ready_->network.reset();
      return {};
    }
    auto network = Network::create(*model_.file, feed, frame, engine_);
    if (!network) return tl::unexpected(std::move(network).error());
    ConfidenceReader reader(feed.output, network->input_size(), network->map());
    ready_.emplace(Ready{frame, std::move(*network), std::move(reader)});
    return {};
  }

  Result<void> segment(const Frame& frame, Confidence& confidence) override try {
    if (frame.empty()) return fail(ErrorCode::kInference, "The neural network was given a frame without a picture.");
    if (auto done = prepare(frame.size()); !done) return fail(ErrorCode::kInference, std::move(done).error().message);
    Network& network = ready_->network;
    network.fill(frame);
    if (auto done = network.run(); !done) return done;
    if (ready_->reader.read(network.values(), confidence)) return {};
    network.reset();  // what it remembers may be no better
    return fail(ErrorCode::kInference,
                fmt::format("The neural network {} gave something that is no confidence; its model file {} may be "
                            "damaged: fetch it anew.",
                            model_.description, model_.file->path()));
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", error.what()));
  }

 private:
  struct Ready {
    Size frame;
    Network network;
    ConfidenceReader reader;
  };

  LoadedModel model_;
  Engine engine_;
  std::optional<Ready> ready_;
};

}  // namespace

Result<std::unique_ptr<Segmenter>> make_segmenter(const Options& options, const Log& log) try {
  auto model = load_model(options.model_name, options, log);
  if (!model) return tl::unexpected(std::move(model).error());
  if (!model->guess.doubts.empty()) return tl::unexpected(doubtful(model->file->path(), model->guess.doubts));
  auto engine = make_engine(options, log);
  if (!engine) return tl::unexpected(std::move(engine).error());
  auto segmenter = std::make_unique<OnnxSegmenter>(std::move(*model), std::move(*engine));
  if (auto done = segmenter->prepare(kTrialFrame); !done) return tl::unexpected(std::move(done).error());
  return segmenter;
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The neural network could not be made ready ({}).", error.what()));
}

}  // namespace viba
