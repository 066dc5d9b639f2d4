#include "refine/matte_refiner.h"

#include <optional>

#include <fmt/format.h>

#include "refine/coarse.h"
#include "refine/guided_filter.h"
#include "refine/matte_placer.h"
#include "refine/picture_shrinker.h"
#include "refine/room_plate.h"

namespace viba {
namespace {

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
    const bool known = plate_ && plate_->in_use();
    return pool_.acquire(frame.size(), known ? picture_.size : Size{}).map([&](MutableMatte&& matte) {
      filter_.run(frame, picture_, matte_, matte.alpha());
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
  GuidedFilter filter_;
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
