#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::guided {

/// The arithmetic of `GuidedFilter`, for the widest vectors that the processor has. Rows of floats are grouped: the
/// rows of one group lie `pitch` floats apart, and each can be read `kBlock` floats before its begin and after its end.
/// Ranges of cells begin and end at multiples of `kBlock`.
inline constexpr int kBlock = 8;
inline constexpr int kRadius = 2;
inline constexpr int kWindow = 2 * kRadius + 1;
inline constexpr int kGuides = 4;        ///< rows of a group: Y, U, V, each minus 128 over 255; the matte
inline constexpr int kMoments = 13;      ///< the sums of those, of products of two colours, of colours times matte
inline constexpr int kCoefficients = 4;  ///< of Y, U, V, and what is added

inline constexpr float kTail = 0.05F;  ///< alpha this near to 0 or 1 counts as sure

/// Sums of `kWindow` neighbours in a row.
void sum_moments(const float* guides, std::ptrdiff_t pitch, int begin, int end, float* sums);
void sum_coefficients(const float* coefficients, std::ptrdiff_t pitch, int begin, int end, float* sums);

/// Ridge regression of the matte on the colours in each window: `rows` are the sums of its `kWindow` rows.
void solve(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients);

/// The mean of the coefficients in each window, made for colours as bytes.
void average(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients);

/// Between two groups of `kCoefficients` rows: `part` of the way to the second.
void between(const float* upper, const float* lower, float part, std::ptrdiff_t pitch, int begin, int end, float* to);

/// Chroma at luma's width, whose samples lie in the middle of every two pixels: of those that belong to the samples
/// from `begin` to `end` of `width`.
void widen_chroma(const std::uint8_t* samples, int width, int begin, int end, std::uint8_t* pixels);

/// Where a pixel lies between cells.
struct Taps {
  const std::int32_t* cell;  ///< the left one, for each pixel; they grow
  const float* part;         ///< how far it is to the next cell, 0..1
  bool sparse;               ///< at least two pixels a cell
};

/// Alpha of the pixels from `begin` to `end` of a row: coefficients times colours (bytes of Y, U, V for each pixel),
/// then smoothstep between the tails. Alpha is within 1 of that in exact arithmetic.
void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* const* colors,
           int begin, int end, std::uint8_t* alpha);

}  // namespace viba::guided
