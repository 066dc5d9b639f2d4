#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Bilinear enlargement of an 8-bit grid to a plane, pixel centres on pixel centres (as networks
/// define their grids; libyuv puts corners on corners, which shifts a matte towards the border).
/// Keeps its tables and scratch, so that a frame costs no allocation.
/// Thread-safety: none.
class Upsampler {
 public:
  /// `grid` holds from.width * from.height values, row by row. Works for any two sizes.
  void run(std::span<const std::uint8_t> grid, Size from, Plane to);

 private:
  struct Tap {
    int first;           ///< left or upper neighbour
    int second;          ///< right or lower one
    std::uint16_t part;  ///< weight of the second, of 256
  };
  static void make_taps(std::vector<Tap>& taps, int from, int to);
  const std::uint16_t* widened(std::span<const std::uint8_t> grid, int row, int slot);

  Size from_, to_;
  std::vector<Tap> columns_, rows_;
  std::vector<std::uint16_t> wide_[2];  ///< two grid rows at full width, values times 256
  int wide_row_[2] = {-1, -1};
};

}  // namespace viba
