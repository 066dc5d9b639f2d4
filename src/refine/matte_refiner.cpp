#include "refine/matte_refiner.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "media/upsample.h"
#include "refine/coarse.h"
#include "refine/matte_placer.h"
#include "refine/picture_shrinker.h"
#include "refine/room_plate.h"

namespace viba {
namespace {

constexpr float kTail = 0.05F;  ///< alpha this near to 0 or 1 counts as sure

/// Smoothstep between the tails; one half stays one half.
float without_tails(float alpha) {
  const float t = std::clamp((alpha - kTail) / (1 - 2 * kTail), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

class MatteRefiner final : public Refiner {
 public:
  MatteRefiner(float threshold, std::optional<RoomPlate> plate) : threshold_(threshold), plate_(std::move(plate)) {}

  Result<Matte> refine(const Frame& frame, const Confidence& confidence) override {
    const std::size_t cells = cells_of(confidence.size);
    if (cells == 0 || confidence.values.size() != cells)
      return fail(ErrorCode::kInference,
                  fmt::format("The network gave {} values for a grid of {}x{}.", confidence.values.size(),
                              confidence.size.width, confidence.size.height));
    shrinker_.run(frame, picture_);
    placer_.run(confidence, threshold_, frame.size(), matte_);
    if (plate_) plate_->run(picture_, matte_, frame.info().position);
    alpha_.resize(matte_.size());
    std::ranges::transform(matte_, alpha_.begin(),
                           [](float alpha) { return static_cast<std::uint8_t>(without_tails(alpha) * 255 + 0.5F); });
    const bool known = plate_ && plate_->in_use();
    return pool_.acquire(frame.size(), known ? picture_.size : Size{}).map([&](MutableMatte&& matte) {
      upsampler_.run(alpha_, picture_.size, matte.alpha());
      if (known) plate_->show(matte.room());
      return std::move(matte).freeze(frame.info());
    });
  }

  void forget_room() override {
    if (plate_) plate_->forget();
  }

 private:
  float threshold_;
  std::optional<RoomPlate> plate_;  ///< unset: nothing is learnt
  PictureShrinker shrinker_;
  CoarsePicture picture_;
  MattePlacer placer_;
  CoarseMatte matte_;
  std::vector<std::uint8_t> alpha_;
  Upsampler upsampler_;
  MattePool pool_;
};

}  // namespace

Result<std::unique_ptr<Refiner>> make_refiner(const Options& options, double threshold, const Log& log) {
  std::optional<RoomPlate> plate;
  if (options.learn_room) plate.emplace(log);
  return std::make_unique<MatteRefiner>(static_cast<float>(options.segmentation_threshold.value_or(threshold)),
                                        std::move(plate));
}

}  // namespace viba
