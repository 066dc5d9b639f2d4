#include "refine/room_lesson.h"

namespace viba {
namespace {

constexpr std::chrono::seconds kLearning{3};
constexpr std::chrono::seconds kPatience{30};

}  // namespace

void RoomLesson::begin() {
  asked_ = true;
  reset();
}

void RoomLesson::reset() {
  since_.reset();
  empty_since_.reset();
}

RoomLesson::Step RoomLesson::look(bool nobody, std::chrono::nanoseconds position) {
  if (!asked_) return Step::kNone;
  // A film that is shown in a loop begins at 0 again.
  if (position < last_) reset();
  last_ = position;
  if (!since_) since_ = position;
  if (!nobody) empty_since_.reset();
  if (position - *since_ > kPatience) {
    asked_ = false;
    log_.warning(
        "The picture was not empty for three seconds within half a minute, so the room is learnt while you are in it; "
        "step out of the picture, wait for a moment, and ask again.");
    return Step::kNone;
  }
  if (!nobody) return Step::kWait;
  if (!empty_since_) {
    empty_since_ = position;
    return Step::kBegin;
  }
  if (position - *empty_since_ < kLearning) return Step::kGoOn;
  asked_ = false;
  log_.info("The room is learnt; come back into the picture.");
  return Step::kLast;
}

}  // namespace viba
