#include "media/color.h"

#include <cmath>

#include "media/color_kernels.h"

namespace viba {
namespace {

struct LumaWeights {
  double red, blue;
};

LumaWeights weights(YuvMatrix matrix) {
  switch (matrix) {
    case YuvMatrix::kBt709: return {0.2126, 0.0722};
    case YuvMatrix::kBt2020: return {0.2627, 0.0593};
    case YuvMatrix::kBt601: break;
  }
  return {0.299, 0.114};
}

int fixed(double x) { return static_cast<int>(std::lround(x * (1 << color::kShift))); }

}  // namespace

color::Transform color::transform_of(ColorSpace from) {
  const bool full = from.range == YuvRange::kFull;
  const double y_gain = full ? 219.0 / 255 : 1;
  const double c_gain = full ? 224.0 / 255 : 1;
  const auto [kr, kb] = weights(from.matrix);
  const auto [tr, tb] = weights(YuvMatrix::kBt601);
  const double tg = 1 - tr - tb;
  // R - Y and B - Y of the source per unit of V and U; G - Y follows from Y = kr·R + kg·G + kb·B.
  const double r_v = 2 * (1 - kr);
  const double b_u = 2 * (1 - kb);
  const double g_u = -b_u * kb / (1 - kr - kb);
  const double g_v = -r_v * kr / (1 - kr - kb);
  const double y_u = tg * g_u + tb * b_u;
  const double y_v = tr * r_v + tg * g_v;
  const double u_scale = 1 / (2 * (1 - tb));
  const double v_scale = 1 / (2 * (1 - tr));
  const double luma_per_chroma = 219.0 / 224;  // limited range counts them in different steps
  Transform t{};
  t.yy = fixed(y_gain);
  t.y0 = fixed(full ? 16 : 0);
  t.yu = fixed(y_u * c_gain * luma_per_chroma);
  t.yv = fixed(y_v * c_gain * luma_per_chroma);
  t.uu = fixed((b_u - y_u) * u_scale * c_gain);
  t.uv = fixed(-y_v * u_scale * c_gain);
  t.vu = fixed(-y_u * v_scale * c_gain);
  t.vv = fixed((r_v - y_v) * v_scale * c_gain);
  return t;
}

color::Rows color::rows_of(const MutableFrame& frame, int y) {
  return {frame.y().row(2 * y), frame.y().row(2 * y + 1), frame.u().row(y), frame.v().row(y)};
}

void to_bt601_limited(const MutableFrame& frame, ColorSpace from) {
  if (from == ColorSpace{}) return;
  const color::Transform transform = color::transform_of(from);
  const auto [width, height] = frame.u().size;
  for (int y = 0; y < height; ++y) color::convert_rows(transform, color::rows_of(frame, y), width);
}

}  // namespace viba
