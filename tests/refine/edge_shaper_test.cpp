#include "refine/edge_shaper.h"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>
#include <viba/matte.h>

namespace viba {
namespace {

using Picture = std::function<int(int x, int y)>;

/// What becomes of a matte of 360 rows, so that a pixel is two of a picture 720 high.
Matte shaped(double softness, double shift, const Picture& alpha, Size size = {200, 360}) {
  MattePool pool;
  auto matte = pool.acquire(size);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) matte->alpha().row(y)[x] = std::uint8_t(alpha(x, y));
  EdgeShaper(softness, shift).run(matte->alpha());
  return std::move(*matte).freeze({});
}

int left_half(int x, int /*y*/) { return x < 100 ? 255 : 0; }
int disc(int x, int y) { return std::hypot(x - 100, y - 180) < 50 ? 255 : 0; }

/// How many pixels of a row are person, in full or in part.
double width_of(const Matte& matte, int y) {
  double sum = 0;
  for (int x = 0; x < matte.size().width; ++x) sum += matte.alpha().row(y)[x] / 255.0;
  return sum;
}

TEST(EdgeShaper, LeavesAloneWhatItIsNotAskedFor) {
  const Matte matte = shaped(0, 0, [](int x, int y) { return (x * 7 + y * 13) % 256; });
  for (int y = 0; y < 360; ++y)
    for (int x = 0; x < 200; ++x) ASSERT_EQ(matte.alpha().row(y)[x], (x * 7 + y * 13) % 256);
}

TEST(EdgeShaper, MovesTheEdgeByWhatIsAskedForAtTheHeightOf720) {
  for (const double shift : {-20.0, -7.0, -3.0, -1.0, 0.5, 2.0, 4.0, 9.0, 20.0}) {
    const Matte matte = shaped(0, shift, left_half);
    for (const int y : {0, 5, 180, 359})
      EXPECT_NEAR(width_of(matte, y), 100 + shift / 2, 0.01) << shift << ", row " << y;
  }
  EXPECT_NEAR(width_of(shaped(0, 6, left_half, {200, 1440}), 700), 112, 0.01);
}

TEST(EdgeShaper, MovesItAlikeInEveryDirection) {
  for (const double shift : {-20.0, -8.0, 8.0, 20.0}) {
    const Matte matte = shaped(0, shift, disc);
    for (int angle = 0; angle < 360; angle += 5) {
      const double direction = angle * 3.14159265 / 180;
      const auto alpha = [&](double reach) {
        return int(matte.alpha().row(
            int(std::lround(180 + reach * std::sin(direction))))[std::lround(100 + reach * std::cos(direction))]);
      };
      EXPECT_EQ(alpha(50 + shift / 2 - 2), 255) << shift << " at " << angle;
      EXPECT_EQ(alpha(50 + shift / 2 + 2.5), 0) << shift << " at " << angle;
    }
  }
}

TEST(EdgeShaper, KeepsSoftEdgesSoftAndThinThingsThere) {
  const auto ramp = [](int x, int /*y*/) { return std::clamp((110 - x) * 25, 0, 255); };
  const Matte moved = shaped(0, 8, ramp);
  for (int x = 20; x < 190; ++x) EXPECT_EQ(moved.alpha().row(100)[x], ramp(x - 4, 0)) << x;
  const Matte line = shaped(0, 8, [](int x, int /*y*/) { return x == 60 ? 90 : 0; });
  for (int x = 0; x < 200; ++x) EXPECT_EQ(line.alpha().row(100)[x], std::abs(x - 60) <= 4 ? 90 : 0) << x;
}

TEST(EdgeShaper, SoftensAsFarAsAskedForAndLeavesTheMiddleWhereItWas) {
  for (const double softness : {2.0, 6.0, 14.0, 20.0}) {
    const Matte matte = shaped(softness, 0, left_half);
    const auto reach = int(softness / 2);
    for (const int y : {0, 100, 359}) {
      const std::uint8_t* row = matte.alpha().row(y);
      EXPECT_EQ(row[100 - reach - 1], 255);
      EXPECT_EQ(row[100 + reach], 0);
      EXPECT_LT(row[100 - reach], 255) << softness;
      EXPECT_NEAR(row[99] + row[100], 255, 3);
      for (int x = 1; x < 200; ++x) ASSERT_LE(row[x], row[x - 1]) << x;
      EXPECT_EQ(row[0], 255) << "the picture's border is no edge";
    }
  }
}

TEST(EdgeShaper, TakesTheTiniestMattes) {
  const Matte matte = shaped(20, -20, [](int, int) { return 255; }, {2, 2});
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 2; ++x) EXPECT_EQ(matte.alpha().row(y)[x], 255);
}

}  // namespace
}  // namespace viba
