#include "media/color.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "media/buffer_pool.h"

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

// Coefficients have 14 bits behind the point, luma sums 6: sixteen bits hold both, which is what lets
// the compiler work on eight pixels at once on any x86-64 or arm64.
constexpr int kShift = 14;
constexpr int kLumaShift = 6;
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

/// What chroma adds to luma, with the constant and half a step for rounding, for each luma column.
void luma_offsets(const Transform& t, const std::uint8_t* u, const std::uint8_t* v, std::int16_t* __restrict offsets,
                  int chroma_width) {
  const auto yu = static_cast<std::int16_t>(t.yu);
  const auto yv = static_cast<std::int16_t>(t.yv);
  const int constant = t.y0 + (1 << (kShift - 1));
  for (int x = 0; x < chroma_width; ++x) {
    const auto cu = static_cast<std::int16_t>(u[x] - 128);
    const auto cv = static_cast<std::int16_t>(v[x] - 128);
    const auto offset = static_cast<std::int16_t>((constant + yu * cu + yv * cv) >> (kShift - kLumaShift));
    offsets[2 * x] = offset;
    offsets[2 * x + 1] = offset;
  }
}

void luma_row(int gain, const std::int16_t* __restrict offsets, std::uint8_t* __restrict y, int width) {
  const auto factor = static_cast<std::uint16_t>(gain);
  for (int x = 0; x < width; ++x) {
    const auto value = static_cast<std::uint16_t>(y[x] << 8);
    const auto scaled = static_cast<std::int16_t>((std::uint32_t{value} * factor) >> 16);
    const auto sum = static_cast<std::int16_t>(static_cast<std::int16_t>(scaled + offsets[x]) >> kLumaShift);
    y[x] = static_cast<std::uint8_t>(std::clamp<std::int16_t>(sum, 0, 255));
  }
}

void chroma_row(const Transform& t, std::uint8_t* __restrict u, std::uint8_t* __restrict v, int width) {
  const auto mix = [](int from_u, int cu, int from_v, int cv) {
    constexpr int kGray = (128 << kShift) + (1 << (kShift - 1));
    const auto a = static_cast<std::int16_t>(cu);
    const auto b = static_cast<std::int16_t>(cv);
    return static_cast<std::uint8_t>(std::clamp(
        (kGray + static_cast<std::int16_t>(from_u) * a + static_cast<std::int16_t>(from_v) * b) >> kShift, 0, 255));
  };
  for (int x = 0; x < width; ++x) {
    const int cu = u[x] - 128;
    const int cv = v[x] - 128;
    u[x] = mix(t.uu, cu, t.uv, cv);
    v[x] = mix(t.vu, cu, t.vv, cv);
  }
}

}  // namespace

void to_bt601_limited(const MutableFrame& frame, ColorSpace from) {
  if (from == ColorSpace{}) return;
  const Transform t = transform(from);
  const Plane y = frame.y();
  const Plane u = frame.u();
  const Plane v = frame.v();
  alignas(64) std::array<std::int16_t, detail::kMaxSide> offsets;
  for (int row = 0; row < u.size.height; ++row) {
    luma_offsets(t, u.row(row), v.row(row), offsets.data(), u.size.width);
    luma_row(t.yy, offsets.data(), y.row(2 * row), y.size.width);
    luma_row(t.yy, offsets.data(), y.row(2 * row + 1), y.size.width);
    chroma_row(t, u.row(row), v.row(row), u.size.width);
  }
}

}  // namespace viba
