#include "segment/bodypix_segmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>

#include "segment/bodypix_model.h"
#include "segment/logit_grid.h"

namespace viba {
namespace {

constexpr double kMillionMultiplyAdds = 488;  ///< of the smallest pictures that cameras give
constexpr Size kTrialFrame{64, 64};           ///< enough to see that the network runs

class BodyPixSegmenter final : public Segmenter {
 public:
  BodyPixSegmenter(BodyPixModel model, const Engine& engine) : model_(std::move(model)), engine_(engine) {}

  std::string name() const override { return fmt::format("{}, on the CPU", model_.description()); }

  Result<void> prepare(Size frame) {
    if (ready_ && ready_->frame == frame) return {};
    const Size input = model_.input_size(frame);
    auto network = model_.network(input, engine_, {.threads = engine_.threads_for(kMillionMultiplyAdds)});
    if (!network) return tl::unexpected(std::move(network).error());
    const Size logits = network->output_size();
    ready_.emplace(Ready{frame, std::move(*network), NetworkInput(input, model_.pixel_range()), {input, logits}});
    return {};
  }

  Result<void> segment(const Frame& frame, Confidence& confidence) override try {
    if (frame.empty()) return fail(ErrorCode::kInference, "The neural network was given a frame without a picture.");
    if (auto done = prepare(frame.size()); !done) return fail(ErrorCode::kInference, std::move(done).error().message);
    ready_->input.fill(frame, ready_->network.input());
    const auto logits = ready_->network.run();
    if (!logits) return tl::unexpected(logits.error());
    if (!std::ranges::all_of(*logits, [](float x) { return std::isfinite(x); }))
      return fail(ErrorCode::kInference,
                  fmt::format("The neural network {} gave something that is no confidence; its model files may be "
                              "damaged: fetch them anew.",
                              name()));
    confidence.size = ready_->grid.size();
    confidence.values.resize(static_cast<std::size_t>(confidence.size.width) *
                             static_cast<std::size_t>(confidence.size.height));
    ready_->grid.fill(*logits, confidence.values);
    return {};
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInference, fmt::format("The neural network failed on a frame ({}).", error.what()));
  }

 private:
  /// All that belongs to one size of frames.
  struct Ready {
    Size frame;
    Network network;
    NetworkInput input;
    LogitGrid grid;
  };

  BodyPixModel model_;
  Engine engine_;
  std::optional<Ready> ready_;
};

}  // namespace

Result<std::unique_ptr<Segmenter>> make_bodypix_segmenter(const std::string& path, const Engine& engine) {
  auto model = BodyPixModel::load(path);
  if (!model) return tl::unexpected(std::move(model).error());
  auto segmenter = std::make_unique<BodyPixSegmenter>(std::move(*model), engine);
  if (auto done = segmenter->prepare(kTrialFrame); !done) return tl::unexpected(std::move(done).error());
  return segmenter;
}

}  // namespace viba
