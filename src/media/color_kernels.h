#pragma once

#include <cstdint>

#include <viba/frame.h>

#include "media/color.h"

namespace viba::color {

inline constexpr int kShift = 14;     ///< bits of coefficients behind the point
inline constexpr int kLumaShift = 6;  ///< the same of sums of luma: 16 bits hold both

/// y' = y0 + yy·y + yu·u + yv·v, u' = uu·u + uv·v, v' = vu·u + vv·v, with u and v around zero.
/// Gray stays gray between any two of the matrices, so chroma never depends on luma.
struct Transform {
  int y0, yy, yu, yv, uu, uv, vu, vv;
};
[[nodiscard]] Transform transform_of(ColorSpace from);

/// Two rows of luma and the chroma that they share.
struct Rows {
  std::uint8_t* upper;
  std::uint8_t* lower;
  std::uint8_t* u;
  std::uint8_t* v;
};
[[nodiscard]] Rows rows_of(const MutableFrame& frame, int y);

/// In place; `chroma_width` is half of luma's.
void convert_rows(const Transform& transform, const Rows& rows, int chroma_width);

}  // namespace viba::color
