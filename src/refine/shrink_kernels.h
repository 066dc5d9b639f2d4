#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::shrink {

/// Cells are squares of so many pixels at most: their sums fit 16 bits.
inline constexpr int kMostPixels = 16;

/// The sums of columns over `rows` rows, which lie `stride` bytes apart; up to `kMostPixels` of them.
void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, int rows, int width, std::uint16_t* sums);

/// The means of squares, to the nearest number and up from the middle: each of `side` sums of columns.
void mean_of_columns(const std::uint16_t* sums, int side, int cells, std::uint8_t* means);

}  // namespace viba::shrink
