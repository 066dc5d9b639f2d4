#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Scales planes to one size: by averaging each cell's exact area where it shrinks, by bilinear
/// sampling where it grows. libyuv's box filter cuts areas at whole pixels, which costs the network
/// some of its accuracy. Memory is made for a source larger than all before, not for each picture.
/// Thread-safety: none.
class AreaScaler {
 public:
  explicit AreaScaler(Size to) : to_(to) {}

  /// `result` has as many values as the target has pixels; they come out as 0..255.
  void scale(ConstPlane from, std::span<float> result);

 private:
  /// What each target row or column is a mean of: as many source ones for each, so that the loop
  /// over them is of one length, which is what makes it fast.
  struct Axis {
    std::size_t taps = 0;
    std::vector<int> first;              ///< source row or column, for each target one
    std::vector<std::uint16_t> weights;  ///< `taps` for each target one, of 256 in all
  };
  static void plan(Axis& axis, int from, int to);

  Size from_, to_;
  Axis rows_, columns_;
  std::vector<std::uint16_t> row_;  ///< a target row of the source's width, 256 times too large
};

}  // namespace viba
