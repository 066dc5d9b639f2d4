#pragma once

#include <chrono>
#include <optional>

#include <viba/log.h>

namespace viba {

/// Learning the room on request: from a picture without anybody, for three seconds of the frames' own time, which begin
/// again whenever somebody comes in between. Given up after half a minute.
/// Thread-safety: none.
class RoomLesson {
 public:
  enum class Step {
    kNone,   ///< nothing was asked for, or it was given up
    kWait,   ///< somebody has to leave first
    kBegin,  ///< the picture has just become empty: what was known is to be forgotten, this frame is the first to learn
    kGoOn,   ///< another one to learn
    kLast,   ///< the last one
  };

  explicit RoomLesson(const Log& log) : log_(log) {}

  void begin();
  /// Whether there is something to do with the next frame.
  [[nodiscard]] bool wanted() const { return asked_; }
  /// The next frame has nothing to do with the last one: what was begun begins again.
  void reset();
  /// What to do with a frame of that time, in which the network sees nobody or somebody.
  [[nodiscard]] Step look(bool nobody, std::chrono::nanoseconds position);

 private:
  Log log_;
  bool asked_ = false;
  std::optional<std::chrono::nanoseconds> since_;        ///< the request's first frame
  std::optional<std::chrono::nanoseconds> empty_since_;  ///< the first of those without anybody
  std::chrono::nanoseconds last_{0};
};

}  // namespace viba
