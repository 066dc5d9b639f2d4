#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::area {

inline constexpr int kOne = 256;       ///< sum of a cell's weights; 255 times that still fits 16 bits
inline constexpr int kTapsAtOnce = 8;  ///< the weights of a cell's columns are filled up with 0 to a multiple of this

/// The sums of `rows` rows, which lie `stride` bytes apart, each times its weight, minus 2^15. Weights sum up to
/// `kOne`.
void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, const std::uint16_t* weights, int rows, int width,
              std::int16_t* sums);

/// What each of a row of cells is a mean of: the `taps` sums from `first` on, each with its weight.
struct Columns {
  const int* first;
  const std::int16_t* weights;
  int taps;
};

/// Exactly the means of `count` cells, 0..255.
void mean_of_columns(const std::int16_t* sums, const Columns& columns, int count, float* means);

}  // namespace viba::area
