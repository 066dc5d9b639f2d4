#include "refine/matte_refiner.h"

#include <optional>

#include <fmt/format.h>

#include "refine/coarse.h"
#include "refine/edge_shaper.h"
#include "refine/guided_filter.h"
#include "refine/matte_placer.h"
#include "refine/motion_smoother.h"
#include "refine/person_picker.h"
#include "refine/picture_shrinker.h"
#include "refine/room_keeper.h"

namespace viba {
namespace {

class MatteRefiner final : public Refiner {
 public:
  MatteRefiner(float threshold, std::optional<RoomKeeper> room, const Options& options)
      : threshold_(threshold),
        room_(std::move(room)),
        people_(options.people),
        shaper_(options.edge_softness, options.edge_shift) {}

  Result<Matte> refine(const Frame& frame, const Confidence& confidence) override {
    const std::size_t cells = cells_of(confidence.size);
    if (cells == 0 || confidence.values.size() != cells)
      return fail(ErrorCode::kInference,
                  fmt::format("The network gave {} values for a grid of {}x{}.", confidence.values.size(),
                              confidence.size.width, confidence.size.height));
    shrinker_.run(frame, picture_);
    placer_.run(confidence, threshold_, frame.size(), matte_);
    if (room_)
      if (auto ok = room_->run(frame, picture_, matte_); !ok) {
        smoother_.reset();  // what comes after a lesson has nothing to do with what was before
        return tl::unexpected(ok.error());
      }
    const bool known = room_ && room_->plate().in_use();
    smoother_.run(picture_, known ? room_->plate().trust() : std::span<const float>(), matte_);
    // Only now, or passers-by would be learnt as a part of the room.
    if (people_ == People::kMain) picker_.run(matte_, picture_.size);
    return pool_.acquire(frame.size(), known ? picture_.size : Size{}).map([&](MutableMatte&& matte) {
      filter_.run(frame, picture_, matte_, matte.alpha());
      shaper_.run(matte.alpha());
      if (known) room_->plate().show(matte.room());
      return std::move(matte).freeze(frame.info());
    });
  }

  void reset() override {
    smoother_.reset();
    picker_.reset();
    if (room_) room_->reset();
  }
  void forget_room() override {
    if (room_) room_->forget();
  }
  void learn_room() override {
    if (room_) room_->begin_lesson();
  }

 private:
  float threshold_;
  std::optional<RoomKeeper> room_;  ///< unset: nothing is learnt
  People people_;
  PersonPicker picker_;
  PictureShrinker shrinker_;
  CoarsePicture picture_;
  MattePlacer placer_;
  CoarseMatte matte_;
  MotionSmoother smoother_;
  GuidedFilter filter_;
  EdgeShaper shaper_;
  MattePool pool_;
};

}  // namespace

Result<std::unique_ptr<Refiner>> make_refiner(const Options& options, double threshold, const Log& log) {
  auto room = RoomKeeper::create(options, log);
  if (!room) return tl::unexpected(room.error());
  return std::make_unique<MatteRefiner>(static_cast<float>(options.segmentation_threshold.value_or(threshold)),
                                        std::move(*room), options);
}

}  // namespace viba
