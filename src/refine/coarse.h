#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// A frame on the coarse grid that refinement works on: the mean of each cell's pixels, chroma at luma's size.
/// BT.601 limited range, 8 bits. Row by row, without padding.
struct CoarsePicture {
  Size size;
  std::vector<std::uint8_t> y, u, v;
};

/// A matte on that grid: 0 is background, 1 is person. Row by row, without padding.
using CoarseMatte = std::vector<float>;

inline constexpr int kMostCells = 320;  ///< along a grid's longer side

/// `kMostCells` along the longer side of frames that have so many pixels; never more cells than pixels.
[[nodiscard]] Size coarse_size(Size frame);

[[nodiscard]] constexpr std::size_t cells_of(Size size) {
  return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

}  // namespace viba
