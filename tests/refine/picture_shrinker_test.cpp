#include "refine/picture_shrinker.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "refine/shrink_kernels.h"

namespace viba {
namespace {

Frame noise(FramePool& pool, Size size) {
  std::mt19937 random(3);
  auto frame = pool.acquire(size);
  for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = std::uint8_t(random() % 4 == 0 ? 255 : random());
  return std::move(*frame).freeze({});
}

/// The mean over the part of the picture that a cell covers, pixels at its border in shares.
double mean(ConstPlane plane, Size grid, int cell_x, int cell_y) {
  const double step_x = double(plane.size.width) / grid.width, step_y = double(plane.size.height) / grid.height;
  const auto share = [](double begin, double end, int pixel) {
    return std::max(0.0, std::min(end, pixel + 1.0) - std::max(begin, double(pixel)));
  };
  double sum = 0;
  for (int y = 0; y < plane.size.height; ++y)
    if (const double dy = share(cell_y * step_y, (cell_y + 1) * step_y, y); dy > 0)
      for (int x = 0; x < plane.size.width; ++x)
        sum += dy * share(cell_x * step_x, (cell_x + 1) * step_x, x) * plane.row(y)[x];
  return sum / (step_x * step_y);
}

class PictureShrinkerOn : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

void expect_means(ConstPlane plane, const CoarsePicture& picture, const std::vector<std::uint8_t>& means, double most) {
  const auto [width, height] = picture.size;
  ASSERT_EQ(means.size(), cells_of(picture.size));
  for (int y = 0; y < height; y += 7)
    for (int x = 0; x < width; ++x)
      ASSERT_NEAR(means[std::size_t(y * width + x)], mean(plane, picture.size, x, y), most) << x << ", " << y;
}

TEST_P(PictureShrinkerOn, GivesTheMeansOfSquaresToTheNearestLevel) {
  PictureShrinker shrinker;
  CoarsePicture picture;
  FramePool pool;
  for (const Size size :
       {Size{640, 16}, Size{1280, 48}, Size{1920, 24}, Size{30, 960}, Size{2560, 16}, Size{3200, 20}}) {
    const Frame frame = noise(pool, size);
    shrinker.run(frame, picture);
    ASSERT_EQ(picture.size, coarse_size(size));
    expect_means(frame.y(), picture, picture.y, 0.5001);
    if (size.width % 640 != 0) continue;
    expect_means(frame.u(), picture, picture.u, 0.5001);
    expect_means(frame.v(), picture, picture.v, 0.5001);
  }
}

TEST_P(PictureShrinkerOn, GivesTheMeansOfOtherAreas) {
  PictureShrinker shrinker;
  CoarsePicture picture;
  FramePool pool;
  for (const Size size : {Size{1366, 30}, Size{854, 20}, Size{646, 50}}) {
    const Frame frame = noise(pool, size);
    shrinker.run(frame, picture);
    expect_means(frame.y(), picture, picture.y, 1.5);
  }
}

TEST_P(PictureShrinkerOn, TakesMeansOfSquaresAsPlainLoopsDo) {
  std::mt19937 random(23);
  for (int side = 1; side <= shrink::kMostPixels; ++side)
    for (const int cells : {1, 5, 16, 33, 67, 131})
      for (const int most : {1, 255, 999}) {
        const int stride = side * cells + 3;
        std::vector<std::uint8_t> pixels(std::size_t(stride * side));
        for (auto& pixel : pixels) pixel = std::uint8_t(most == 999 ? 255 : int(random() % unsigned(most + 1)));
        std::vector<std::uint16_t> sums(std::size_t(side * cells));
        std::vector<std::uint8_t> means(std::size_t(cells) + 1, 99);
        shrink::take_means(pixels.data(), stride, side, cells, sums.data(), means.data());
        for (int cell = 0; cell < cells; ++cell) {
          int sum = side * side / 2;
          for (int y = 0; y < side; ++y)
            for (int x = 0; x < side; ++x) sum += pixels[std::size_t(y * stride + cell * side + x)];
          ASSERT_EQ(means[std::size_t(cell)], sum / (side * side)) << cell << " of " << cells << ", side " << side;
        }
        EXPECT_EQ(means.back(), 99);
      }
}

INSTANTIATE_TEST_SUITE_P(Each, PictureShrinkerOn, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

TEST(PictureShrinker, BringsChromaToLumasSize) {
  FramePool pool;
  auto frame = pool.acquire({4, 2});
  const std::uint8_t luma[] = {10, 20, 30, 40};
  std::ranges::copy(luma, frame->y().row(0));
  std::ranges::copy(luma, frame->y().row(1));
  frame->u().row(0)[0] = 100;
  frame->u().row(0)[1] = 200;
  frame->v().row(0)[0] = frame->v().row(0)[1] = 77;
  CoarsePicture picture;
  PictureShrinker().run(std::move(*frame).freeze({}), picture);
  EXPECT_EQ(picture.size, (Size{4, 2}));
  EXPECT_EQ(picture.y, (std::vector<std::uint8_t>{10, 20, 30, 40, 10, 20, 30, 40}));
  EXPECT_EQ(picture.u, (std::vector<std::uint8_t>{100, 125, 175, 200, 100, 125, 175, 200}));
  EXPECT_EQ(picture.v, std::vector<std::uint8_t>(8, 77));
}

}  // namespace
}  // namespace viba
