#pragma once

#include <cstddef>
#include <cstdint>

namespace viba::guided {

/// The arithmetic of `GuidedFilter`, for the widest vectors that the processor has. Rows of floats are grouped: the
/// rows of one group lie `pitch` floats apart, and each can be read `kBlock` floats before its begin and after its end.
/// Ranges of cells begin and end at multiples of `kBlock`, but for `between`, which may write up to a block more.
inline constexpr int kBlock = 8;
inline constexpr int kRadius = 2;
inline constexpr int kWindow = 2 * kRadius + 1;
inline constexpr int kGuides = 4;      ///< rows of a group: Y, U, V, each minus 128 over 255; the matte
inline constexpr int kMoments = 13;    ///< the sums of those, of products of two colours, of colours times matte
inline constexpr int kMostLanes = 16;  ///< floats that may be read from a cell on

/// The rows of a group of coefficients: what luma's part needs, then what chroma's does.
enum Coefficient : std::uint8_t { kAdded, kOfY, kOfU, kOfV };
inline constexpr int kCoefficients = 4;
inline constexpr int kOfEach = 2;  ///< of luma's part, and of chroma's

inline constexpr float kTail = 0.05F;  ///< alpha this near to 0 or 1 counts as sure

/// Sums of `kWindow` neighbours in a row.
void sum_moments(const float* guides, std::ptrdiff_t pitch, int begin, int end, float* sums);
void sum_coefficients(const float* coefficients, std::ptrdiff_t pitch, int begin, int end, float* sums);

/// Ridge regression of the matte on the colours in each window: `rows` are the sums of its `kWindow` rows.
void solve(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients);

/// The mean of the coefficients in each window, made for Y as bytes, and U and V as bytes less 128.
void average(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients);

/// Between two groups of `kOfEach` rows: `part` of the way to the second.
void between(const float* upper, const float* lower, float part, std::ptrdiff_t pitch, int begin, int end, float* to);

/// Where a sample lies between cells.
struct Taps {
  const std::int32_t* cell;  ///< the left one, for each sample; they grow
  const float* part;         ///< how far it is to the next cell, 0..1
  bool dense;                ///< at least one sample a cell
};

/// What the samples of chroma from `begin` to `end` of a row add to alpha, by the coefficients of U and V.
void chroma_part(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* u,
                 const std::uint8_t* v, int begin, int end, float* to);

/// Samples of chroma at luma's width: they lie in the middle of every two pixels. One more is read on either side.
void widen(const float* samples, int begin, int end, float* pixels);

/// Alpha of the pixels from `begin` to `end` of a row: by the coefficients of Y and what chroma adds to each, then
/// smoothstep between the tails. Alpha is within 1 of that in exact arithmetic.
void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* luma,
           const float* chroma, int begin, int end, std::uint8_t* alpha);

}  // namespace viba::guided
