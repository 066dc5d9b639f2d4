#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::shrink {

/// Cells are squares of so many pixels at most: their sums fit 16 bits.
inline constexpr int kMostPixels = 16;

/// A row of means of squares of `side` times `side` bytes, to the nearest number and up from the middle. The rows lie
/// `stride` bytes apart. `sums` is scratch space, of one number for each column of pixels.
void take_means(const std::uint8_t* from, std::ptrdiff_t stride, int side, int cells, std::uint16_t* sums,
                std::uint8_t* means);

}  // namespace viba::shrink
