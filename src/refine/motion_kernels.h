#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::motion {

inline constexpr int kRadius = 2;
inline constexpr int kRows = 2 * kRadius + 1;

/// Sums of `kRows` rows of levels, and of as many neighbours in a row; beyond a row's ends, the outermost count again.
/// `sums` has `kRadius` places before the first and after the last, which get those.
void sum_rows(const std::uint8_t* const* rows, int width, std::uint16_t* sums);
void sum_neighbours(const std::uint16_t* sums, int width, std::uint16_t* to);

/// How far two pictures differ.
void differ(const std::uint16_t* a, const std::uint16_t* b, std::size_t count, std::uint16_t* differences);

/// Moves each value towards the last one: by `most` where nothing differs and nothing is trusted, by about half of that
/// at a difference of `limit`, not at all from twice of it on. `trust` may be null, which is nowhere.
void hold(const std::uint16_t* differences, float limit, float most, const float* trust, const float* last,
          std::size_t count, float* values);

}  // namespace viba::motion
