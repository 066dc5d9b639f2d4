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
  /// The same of row `y` of the target alone.
  void scale_row(ConstPlane from, int y, std::span<float> result);

 private:
  /// What each target row or column is a mean of: as many source ones for each, so that the loop
  /// over them is of one length, which is what makes it fast.
  template <class Weight>
  struct Axis {
    int taps = 0;
    std::vector<int> first;       ///< source row or column, for each target one
    std::vector<Weight> weights;  ///< for each target one `taps`, rounded up, of 256 in all
  };
  template <class Weight>
  static void plan(Axis<Weight>& axis, int from, int to, int round_up_to);
  void plan(Size from);

  Size from_, to_;
  Axis<std::uint16_t> rows_;
  Axis<std::int16_t> columns_;
  std::vector<std::int16_t> sums_;  ///< of a target row, at the source's width
};

}  // namespace viba
