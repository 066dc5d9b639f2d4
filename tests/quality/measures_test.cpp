#include <cmath>

#include <gtest/gtest.h>

#include "matte_measures.h"

namespace viba::test {
namespace {

constexpr Size kSize{160, 120};  // a diagonal of 200: outlines meet within 1.5 pixels, the band is 4 wide

Gray square(int left, std::uint8_t value = 255) {
  Gray gray{kSize, std::vector<std::uint8_t>(160 * 120)};
  for (int y = 30; y < 90; ++y)
    for (int x = left; x < left + 60; ++x) gray.values[static_cast<std::size_t>(y * 160 + x)] = value;
  return gray;
}

Measures of(const Gray& truth, const Gray& matte) {
  MatteMeter meter;
  meter.add(truth, matte);
  return meter.mean();
}

TEST(MatteMeter, ThePerfectMatteHasNoError) {
  const Measures same = of(square(40), square(40));
  EXPECT_EQ(same.iou, 1);
  EXPECT_EQ(same.boundary_f, 1);
  EXPECT_EQ(same.band_mad, 0);
}

TEST(MatteMeter, AShiftIsCountedInPixels) {
  const Measures moved = of(square(40), square(43));
  EXPECT_NEAR(moved.iou, 57.0 / 63, 1e-9);
  // Of both outlines all lies within 1.5 pixels of the other but the two upright sides: 2·58 of 236 points.
  EXPECT_NEAR(moved.boundary_f, 1 - (2.0 * 58 + 4 - 2) / 236, 0.02);
  EXPECT_EQ(of(square(40), square(41)).boundary_f, 1);
}

TEST(MatteMeter, TheBandIsThatOfTheTrueOutline) {
  Gray far = square(40);
  far.values[0] = 255;
  EXPECT_EQ(of(square(40), far).band_mad, 0) << "what is wrong far away counts elsewhere";
  Gray near = square(40);
  for (int y = 30; y < 90; ++y) near.values[static_cast<std::size_t>(y * 160 + 39)] = 255;
  // Pixels within 4 of a square ring of 60: counted by their definition.
  int band = 0;
  for (int y = 0; y < 120; ++y)
    for (int x = 0; x < 160; ++x) {
      const int inner = std::min(std::min(x - 40, 99 - x), std::min(y - 30, 89 - y));
      const double outer = std::hypot(std::max({40 - x, x - 99, 0}), std::max({30 - y, y - 89, 0}));
      band += inner >= 0 ? (inner <= 4 ? 1 : 0) : (outer <= 4 ? 1 : 0);
    }
  EXPECT_NEAR(of(square(40), near).band_mad, 1000.0 * 60 / band, 1e-6);
}

TEST(MatteMeter, FlickerIsChangeWhereTheTruthHasNone) {
  MatteMeter meter;
  meter.add(square(40), square(40));
  meter.add(square(40), square(40, 245));
  EXPECT_NEAR(meter.mean().flicker, 1000 * 3600 * 10.0 / 19200 / 255, 1e-9);
  EXPECT_NEAR(meter.mean().dtssd, 100 * std::sqrt(3600 * 100.0 / 19200) / 255, 1e-9);
}

TEST(MatteMeter, ACutIsNoChange) {
  MatteMeter meter;
  meter.add(square(40), square(40));
  meter.cut();
  meter.add(square(50), square(20));
  EXPECT_EQ(meter.mean().dtssd, 0);
}

TEST(MatteMeter, NobodyFoundWhereNobodyIsIsPerfect) {
  const Gray nobody{kSize, std::vector<std::uint8_t>(160 * 120)};
  EXPECT_EQ(of(nobody, nobody).iou, 1);
  EXPECT_EQ(of(nobody, nobody).boundary_f, 1);
  EXPECT_EQ(of(nobody, square(3)).boundary_f, 0);
}

}  // namespace
}  // namespace viba::test
