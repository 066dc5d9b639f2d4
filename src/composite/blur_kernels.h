#pragma once

#include <cstdint>

namespace viba {

/// Numbers of a cell that are filtered together: a weight, and three values times that weight.
inline constexpr int kChannels = 4;

/// Numbers are up to 255·255. Means are a little small, by up to `window` of 65536 parts: weights and
/// what is weighted by the same.

/// A running mean over `window` cells of kChannels numbers: out[x] is that of in[x] to in[x + window − 1].
/// `in` has `count + window - 1` cells.
void box_row(const std::uint16_t* in, std::uint16_t* out, int count, int window);

/// A step of the same down columns: `out` is the mean of `sums`, sums of `window` numbers, which then
/// take in those that enter and give up those that leave.
void box_step(std::uint32_t* sums, const std::uint16_t* enter, const std::uint16_t* leave, std::uint16_t* out,
              int count, int window);

/// Adds a row of pixels to sums.
void add_row(const std::uint8_t* row, std::uint16_t* sums, int count);

}  // namespace viba
