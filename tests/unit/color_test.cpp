#include "media/color.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace viba {
namespace {

using Rgb = std::array<double, 3>;
using Yuv = std::array<double, 3>;

struct Weights {
  double kr, kb;
};

Weights weights(YuvMatrix matrix) {
  if (matrix == YuvMatrix::kBt709) return {0.2126, 0.0722};
  if (matrix == YuvMatrix::kBt2020) return {0.2627, 0.0593};
  return {0.299, 0.114};
}

/// The textbook's way, from RGB in 0..1, in floating point.
Yuv encode(Rgb rgb, ColorSpace space) {
  const auto [kr, kb] = weights(space.matrix);
  const double y = kr * rgb[0] + (1 - kr - kb) * rgb[1] + kb * rgb[2];
  const double u = (rgb[2] - y) / (2 * (1 - kb));
  const double v = (rgb[0] - y) / (2 * (1 - kr));
  if (space.range == YuvRange::kFull) return {255 * y, 128 + 255 * u, 128 + 255 * v};
  return {16 + 219 * y, 128 + 224 * u, 128 + 224 * v};
}

class ToBt601 : public testing::TestWithParam<ColorSpace> {};

TEST_P(ToBt601, AgreesWithTheTextbookOnACubeOfColours) {
  FramePool pool;
  for (int code = 0; code < 125; ++code) {
    const Rgb rgb{(code % 5) / 4.0, (code / 5 % 5) / 4.0, (code / 25) / 4.0};
    const Yuv from = encode(rgb, GetParam());
    const Yuv want = encode(rgb, ColorSpace{});
    auto frame = pool.acquire({6, 4});
    ASSERT_TRUE(frame);
    const std::array planes{frame->y(), frame->u(), frame->v()};
    for (std::size_t c = 0; c < 3; ++c)
      for (int y = 0; y < planes[c].size.height; ++y)
        for (int x = 0; x < planes[c].size.width; ++x)
          planes[c].row(y)[x] = static_cast<std::uint8_t>(std::lround(std::min(from[c], 255.0)));
    to_bt601_limited(*frame, GetParam());
    for (std::size_t c = 0; c < 3; ++c)
      for (int y = 0; y < planes[c].size.height; ++y)
        for (int x = 0; x < planes[c].size.width; ++x)
          ASSERT_NEAR(planes[c].row(y)[x], want[c], 1.6) << "colour " << code << " plane " << c;
  }
}

INSTANTIATE_TEST_SUITE_P(All, ToBt601,
                         testing::Values(ColorSpace{}, ColorSpace{YuvMatrix::kBt601, YuvRange::kFull},
                                         ColorSpace{YuvMatrix::kBt709, YuvRange::kLimited},
                                         ColorSpace{YuvMatrix::kBt709, YuvRange::kFull},
                                         ColorSpace{YuvMatrix::kBt2020, YuvRange::kLimited}));

}  // namespace
}  // namespace viba
