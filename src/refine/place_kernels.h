#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::place {

/// The arithmetic of `MattePlacer`, for the widest vectors that the processor has.

/// Floats of a vector at most. `kMargin` of them after the end of a row that `weigh_columns` takes are read, whatever
/// they are.
inline constexpr int kMostLanes = 16;
inline constexpr int kMargin = 2 * kMostLanes;

/// The shift of the log odds that takes `threshold` to one half, without a logarithm.
void move(const float* confidences, float threshold, std::size_t count, float* moved);

/// The weighted sum of `taps` rows, which lie `width` floats apart.
void weigh_rows(const float* rows, int width, const float* weights, std::size_t taps, float* sums);

/// What each cell of a row is a mean of.
struct Columns {
  const std::int32_t* first;  ///< source column, for each cell; they grow
  const float* weights;       ///< of the first column for each cell, then of the one after it, and so on
  std::size_t taps;
  int cells;
};

/// The means, but no more than 1.
void weigh_columns(const float* row, const Columns& columns, float* means);

}  // namespace viba::place
