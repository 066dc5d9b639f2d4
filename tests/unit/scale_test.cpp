#include "media/scale.h"

#include <gtest/gtest.h>

namespace viba {
namespace {

Frame left_dark_right_bright(FramePool& pool, Size size) {
  auto frame = pool.acquire(size);
  fill(*frame, {16, 100, 150});
  for (int y = 0; y < size.height; ++y)
    for (int x = size.width / 2; x < size.width; ++x) frame->y().row(y)[x] = 235;
  return std::move(*frame).freeze({});
}

TEST(Scale, StretchKeepsBothHalves) {
  FramePool pool;
  auto to = pool.acquire({40, 80});
  scale(left_dark_right_bright(pool, {80, 40}), *to, Fit::kStretch);
  EXPECT_EQ(to->y().row(40)[2], 16);
  EXPECT_EQ(to->y().row(40)[37], 235);
  EXPECT_EQ(to->u().row(20)[3], 100);
}

TEST(Scale, ContainLeavesBlackBarsAndKeepsTheAspect) {
  FramePool pool;
  auto to = pool.acquire({80, 80});
  scale(left_dark_right_bright(pool, {80, 40}), *to, Fit::kContain);
  EXPECT_EQ(to->y().row(5)[70], 16);
  EXPECT_EQ(to->u().row(2)[35], 128);
  EXPECT_EQ(to->y().row(40)[70], 235);
  EXPECT_EQ(to->u().row(20)[35], 100);
  EXPECT_EQ(to->y().row(75)[70], 16);
}

TEST(Scale, CoverFillsAndCutsTheSides) {
  FramePool pool;
  auto to = pool.acquire({40, 40});
  scale(left_dark_right_bright(pool, {80, 40}), *to, Fit::kCover);
  EXPECT_EQ(to->y().row(0)[0], 16);
  EXPECT_EQ(to->y().row(39)[39], 235);
  EXPECT_EQ(to->y().row(20)[18], 16);
  EXPECT_EQ(to->y().row(20)[21], 235);
}

TEST(Scale, SurvivesExtremeShapes) {
  FramePool pool;
  for (const Fit fit : {Fit::kCover, Fit::kContain, Fit::kStretch}) {
    auto to = pool.acquire({2, 400});
    scale(left_dark_right_bright(pool, {400, 2}), *to, fit);
    auto back = pool.acquire({400, 2});
    scale(left_dark_right_bright(pool, {2, 400}), *back, fit);
  }
}

TEST(Color, RgbPrimariesBecomeTheNumbersOfBt601) {
  const YuvColor red = yuv_of_rgb(255, 0, 0);
  EXPECT_EQ(red.y, 81);
  EXPECT_EQ(red.u, 90);
  EXPECT_EQ(red.v, 240);
  EXPECT_EQ(yuv_of_rgb(255, 255, 255).y, 235);
  EXPECT_EQ(yuv_of_rgb(0, 0, 0).y, 16);
}

}  // namespace
}  // namespace viba
