#pragma once

#include <cstdint>

namespace viba {

/// out = alpha·person + (1 − alpha)·behind for one row (Porter and Duff 1984, "over", in 8 bits with
/// correct rounding): exact at both ends. `out` may be `behind`.
void blend_row(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
               int width);

/// The rounded mean of each 2x2 pixels of two rows of alpha, `width` of them.
void halve_alpha(const std::uint8_t* upper, const std::uint8_t* lower, std::uint8_t* out, int width);

}  // namespace viba
