#pragma once

#include <cstddef>
#include <cstdint>

namespace viba {

/// What there is to know of how a channel's levels have changed at some cells, compiled for several kinds of
/// processors. Thread-safety: all functions may be called from any thread.

/// `count` cells, up to 65535: their levels now, and those learnt, in 1/128.
struct LevelPairs {
  const std::uint8_t* now;
  const std::uint16_t* then;
  std::size_t count;
};

/// Takes one of every four neighbours of 64 cells: those after the first `skipped`, 0..3, and so on. 16 of each.
void take_fourths(const std::uint8_t* now, const std::uint16_t* then, int skipped, std::uint8_t* to_now,
                  std::uint16_t* to_then);

/// The median of now - then to the next whole level; 0 of nothing. `scratch` has a place for each of the pairs.
[[nodiscard]] int median_change(const LevelPairs& pairs, std::uint16_t* scratch);

/// Sums over the pairs whose change differs from `median` by less than `near` levels. `then` is in 1/128.
struct LevelSums {
  std::uint64_t count = 0, now = 0, then = 0, squares_of_then = 0, products = 0;
};
[[nodiscard]] LevelSums sums_near(const LevelPairs& pairs, int median, int near);

}  // namespace viba
