#include "media/color.h"

#include <algorithm>
#include <cmath>

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

constexpr int kShift = 14;
int fixed(double x) { return static_cast<int>(std::lround(x * (1 << kShift))); }

/// y' = y0 + yy·y + yu·u + yv·v, u' = uu·u + uv·v, v' = vu·u + vv·v, with u and v around zero.
/// Gray stays gray between any two of the matrices, so chroma never depends on luma.
struct Transform {
  int y0, yy, yu, yv, uu, uv, vu, vv;
};

Transform transform(ColorSpace from) {
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

std::uint8_t rounded(int fixed_point, int least, int most) {
  return static_cast<std::uint8_t>(std::clamp((fixed_point + (1 << (kShift - 1))) >> kShift, least, most));
}

void luma_row(const Transform& t, std::uint8_t* y, const std::uint8_t* u, const std::uint8_t* v, int width) {
  for (int x = 0; x < width; ++x) {
    const int cu = u[x / 2] - 128;
    const int cv = v[x / 2] - 128;
    y[x] = rounded(t.y0 + t.yy * y[x] + t.yu * cu + t.yv * cv, 0, 255);
  }
}

void chroma_row(const Transform& t, std::uint8_t* u, std::uint8_t* v, int width) {
  for (int x = 0; x < width; ++x) {
    const int cu = u[x] - 128;
    const int cv = v[x] - 128;
    u[x] = rounded((128 << kShift) + t.uu * cu + t.uv * cv, 0, 255);
    v[x] = rounded((128 << kShift) + t.vu * cu + t.vv * cv, 0, 255);
  }
}

}  // namespace

void to_bt601_limited(const MutableFrame& frame, ColorSpace from) {
  if (from == ColorSpace{}) return;
  const Transform t = transform(from);
  const Plane y = frame.y();
  const Plane u = frame.u();
  const Plane v = frame.v();
  for (int row = 0; row < u.size.height; ++row) {
    luma_row(t, y.row(2 * row), u.row(row), v.row(row), y.size.width);
    luma_row(t, y.row(2 * row + 1), u.row(row), v.row(row), y.size.width);
    chroma_row(t, u.row(row), v.row(row), u.size.width);
  }
}

}  // namespace viba
