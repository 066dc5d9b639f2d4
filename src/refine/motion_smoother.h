#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "refine/coarse.h"

namespace viba {

/// Holds on to the matte of the frames before where the picture stands still, so that a network which is unsure does
/// not make the edge flicker; where the picture moves, the new matte counts alone, so that nothing leaves a trail. What
/// counts as standing still is relative to the noise of the picture. Thread-safety: none.
class MotionSmoother {
 public:
  /// `trust` says how far each cell's matte is right without help, 0..1; empty: nowhere.
  void run(const CoarsePicture& picture, std::span<const float> trust, CoarseMatte& matte);
  /// The next picture has nothing to do with the last one.
  void reset() { last_.clear(); }

 private:
  void blur(const CoarsePicture& picture);
  [[nodiscard]] float stillness_limit();

  Size size_;
  std::vector<std::uint16_t> column_sums_;       ///< of luma, for one row
  std::vector<std::uint16_t> sums_, last_sums_;  ///< in windows around each cell
  std::vector<std::uint16_t> differences_;
  CoarseMatte last_;  ///< empty: there is none
};

}  // namespace viba
