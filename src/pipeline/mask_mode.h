#pragma once

#include <optional>

#include <viba/options.h>

#include "pipeline/statistics.h"

namespace viba {

/// Decides for `auto` whether frames can afford to wait for their own masks. Changes over when the
/// average work for a frame does not fit into its interval, back when it fits with room to spare;
/// between the two bounds everything stays as it is. Thread-safety: none.
class ModeSwitch {
 public:
  /// `interval` is the time between frames; zero means that there is no hurry.
  explicit ModeSwitch(Milliseconds interval) : interval_(interval) {}

  /// Takes what a frame cost, or would have cost, with its own mask. Returns the new mode when it
  /// changes.
  std::optional<MaskMode> observe(Milliseconds cost);

  [[nodiscard]] MaskMode mode() const { return mode_; }
  [[nodiscard]] Milliseconds average() const { return average_; }

 private:
  static constexpr double kFull = 0.95;    ///< of the interval: too much to go on waiting
  static constexpr double kRelaxed = 0.7;  ///< of the interval: enough room to wait again
  static constexpr int kSettle = 15;       ///< costs to see before a change; half a second at 30 a second

  Milliseconds interval_;
  Milliseconds average_{0};
  int seen_ = 0;
  MaskMode mode_ = MaskMode::kEveryFrame;
};

}  // namespace viba
