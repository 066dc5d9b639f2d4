#include "media/upsample.h"

#include <viba/matte.h>

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace viba {
namespace {

/// The definition, in floating point: half-pixel centres, edges repeated.
double reference(const std::vector<std::uint8_t>& grid, Size from, Size to, int x, int y) {
  const auto position = [](int i, int in, int out) {
    return std::clamp((i + 0.5) * in / out - 0.5, 0.0, double(in - 1));
  };
  const double fx = position(x, from.width, to.width);
  const double fy = position(y, from.height, to.height);
  const int x0 = int(fx);
  const int y0 = int(fy);
  const auto at = [&](int gx, int gy) {
    return double(grid[size_t(std::min(gy, from.height - 1) * from.width + std::min(gx, from.width - 1))]);
  };
  const double top = at(x0, y0) * (1 - fx + x0) + at(x0 + 1, y0) * (fx - x0);
  const double bottom = at(x0, y0 + 1) * (1 - fx + x0) + at(x0 + 1, y0 + 1) * (fx - x0);
  return top * (1 - fy + y0) + bottom * (fy - y0);
}

TEST(Upsampler, AgreesWithTheDefinition) {
  // Weights are whole 256ths, so that either direction may be off by half a step, then one rounding.
  constexpr double kBound = 1.5;
  std::mt19937 random(1);
  for (const auto& [from, to] : {std::pair{Size{16, 9}, Size{64, 36}},
                                 {Size{7, 5}, Size{50, 34}},
                                 {Size{1, 1}, Size{8, 6}},
                                 {Size{32, 32}, Size{20, 12}},
                                 {Size{256, 256}, Size{640, 360}}}) {
    std::vector<std::uint8_t> grid(size_t(from.width * from.height));
    for (auto& value : grid) value = std::uint8_t(random());
    MattePool pool;
    auto matte = pool.acquire(to);
    ASSERT_TRUE(matte);
    Upsampler upsampler;
    upsampler.run(grid, from, matte->alpha());
    for (int y = 0; y < to.height; ++y)
      for (int x = 0; x < to.width; ++x)
        ASSERT_NEAR(matte->alpha().row(y)[x], reference(grid, from, to, x, y), kBound) << x << "," << y;
  }
}

TEST(Upsampler, KeepsTheExtremesExact) {
  MattePool pool;
  auto matte = pool.acquire({64, 64});
  Upsampler upsampler;
  for (const std::uint8_t value : {0, 255}) {
    upsampler.run(std::vector<std::uint8_t>(16, value), {4, 4}, matte->alpha());
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 64; ++x) ASSERT_EQ(matte->alpha().row(y)[x], value);
  }
}

}  // namespace
}  // namespace viba
