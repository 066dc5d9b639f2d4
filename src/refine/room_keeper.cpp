#include "refine/room_keeper.h"

#include <algorithm>

namespace viba {
namespace {

constexpr float kSomething = 0.3F;
constexpr double kNobodysShare = 0.002;  ///< of the picture, that may look like a person when nobody is there

bool is_empty(const CoarseMatte& matte) {
  const auto seen = std::ranges::count_if(matte, [](float alpha) { return alpha > kSomething; });
  return double(seen) <= kNobodysShare * double(matte.size());
}

}  // namespace

Result<std::optional<RoomKeeper>> RoomKeeper::create(const Options& options, const Log& log) {
  if (!options.learn_room) {
    if (options.learn_now || !options.clean_plate.empty())
      return fail(ErrorCode::kUsage,
                  "--learn-now and --clean-plate do not go with --learn-room off; leave one of them out.");
    return std::nullopt;
  }
  RoomKeeper keeper(log);
  if (options.learn_now) keeper.begin_lesson();
  if (options.clean_plate.empty()) return keeper;
  return CleanPlate::load(options.clean_plate).map([&](CleanPlate&& clean) -> std::optional<RoomKeeper> {
    keeper.clean_ = std::move(clean);
    return std::move(keeper);
  });
}

bool RoomKeeper::in_lesson(const CoarsePicture& picture, const CoarseMatte& matte, std::chrono::nanoseconds position) {
  if (!lesson_.wanted()) return false;
  const auto step = lesson_.look(is_empty(matte), position);
  if (step == RoomLesson::Step::kBegin) plate_.forget();
  if (step != RoomLesson::Step::kNone && step != RoomLesson::Step::kWait) plate_.learn_all(picture, position);
  return step != RoomLesson::Step::kNone;
}

Result<void> RoomKeeper::run(const Frame& frame, const CoarsePicture& picture, CoarseMatte& matte) {
  if (clean_) {
    if (const auto empty = clean_->fitted(frame.size(), log_)) plate_.take(*empty);
    clean_.reset();
  }
  const auto position = frame.info().position;
  if (in_lesson(picture, matte, position))
    return fail(ErrorCode::kAskedAway, "Step out of the picture for three seconds, so that the room can be learnt.");
  plate_.run(picture, matte, position);
  return {};
}

void RoomKeeper::begin_lesson() { lesson_.begin(); }

void RoomKeeper::reset() {
  lesson_.reset();
  plate_.reset();
}

void RoomKeeper::forget() { plate_.forget(); }

}  // namespace viba
