#pragma once

#include <optional>

#include <viba/frame.h>
#include <viba/log.h>
#include <viba/options.h>

#include "refine/clean_plate.h"
#include "refine/coarse.h"
#include "refine/room_lesson.h"
#include "refine/room_plate.h"

namespace viba {

/// All that is kept of the room: the plate, the user's picture that it may begin with, and the lesson that they may ask
/// for. Thread-safety: none.
class RoomKeeper {
 public:
  /// Takes from `options`: learn_room, learn_now, clean_plate. Nothing when the room is not to be learnt.
  /// Errors: kUsage (options that contradict one another), those of `CleanPlate::load`.
  [[nodiscard]] static Result<std::optional<RoomKeeper>> create(const Options& options, const Log& log);

  /// Makes `matte` agree with what is known of the room, and learns. Errors: kAskedAway during a lesson.
  [[nodiscard]] Result<void> run(const Frame& frame, const CoarsePicture& picture, CoarseMatte& matte);
  [[nodiscard]] const RoomPlate& plate() const { return plate_; }

  void begin_lesson();
  void reset();
  void forget();

 private:
  explicit RoomKeeper(const Log& log) : log_(log), plate_(log), lesson_(log) {}
  [[nodiscard]] bool in_lesson(const CoarsePicture& picture, const CoarseMatte& matte,
                               std::chrono::nanoseconds position);

  Log log_;
  RoomPlate plate_;
  RoomLesson lesson_;
  std::optional<CleanPlate> clean_;  ///< until the first frame
};

}  // namespace viba
