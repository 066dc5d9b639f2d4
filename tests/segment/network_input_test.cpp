#include "segment/network_input.h"

#include <gtest/gtest.h>

#include "media/area_scaler.h"
#include "media/scale.h"

namespace viba {
namespace {

Frame frame_of(Size size, YuvColor color) {
  FramePool pool;
  auto frame = pool.acquire(size);
  fill(*frame, color);
  return std::move(*frame).freeze({});
}

std::vector<float> scaled(const std::vector<std::uint8_t>& row, int to) {
  std::vector<float> result(static_cast<std::size_t>(to));
  const int width = static_cast<int>(row.size());
  AreaScaler({to, 1}).scale({row.data(), width, {width, 1}}, result);
  return result;
}

TEST(AreaScaler, AveragesExactAreasWhereItShrinks) {
  EXPECT_EQ(scaled({10, 20, 30, 40}, 2), (std::vector<float>{15, 35}));
  // Each cell is 1.5 pixels wide, so the middle pixel is shared.
  const auto shared = scaled({0, 255, 0}, 2);
  EXPECT_NEAR(shared[0], 85, 0.5);
  EXPECT_NEAR(shared[1], 85, 0.5);
}

TEST(AreaScaler, SamplesBilinearlyWhereItGrows) {
  EXPECT_EQ(scaled({0, 100}, 4), (std::vector<float>{0, 25, 75, 100}));
}

TEST(AreaScaler, KeepsAConstantAtAnyPairOfSizes) {
  for (const int from : {1, 2, 3, 7, 63, 255, 256, 257, 1280, 16384})
    for (const int to : {1, 2, 5, 144, 256})
      for (const float value : scaled(std::vector<std::uint8_t>(static_cast<std::size_t>(from), 255), to))
        ASSERT_EQ(value, 255) << from << " to " << to;
}

TEST(AreaScaler, FollowsAChangeOfTheSourcesSize) {
  AreaScaler scaler({2, 1});
  std::vector<float> result(2);
  for (const auto& row : {std::vector<std::uint8_t>{0, 2, 4, 6}, {8, 9}, {0, 0, 0, 6, 6, 6}}) {
    const int width = static_cast<int>(row.size());
    scaler.scale({row.data(), width, {width, 1}}, result);
    EXPECT_EQ(result, scaled(row, 2));
  }
}

TEST(NetworkInput, GivesTheColourOfTheFrameInPlanes) {
  constexpr Size kSize{8, 4};
  constexpr std::size_t kArea = 32;
  std::vector<float> tensor(3 * kArea);
  for (const auto& rgb :
       {std::array{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {0, 0, 0}, {200, 120, 40}}) {
    NetworkInput(kSize).fill(frame_of({64, 48}, yuv_of_rgb(rgb[0], rgb[1], rgb[2])), tensor);
    for (std::size_t i = 0; i < tensor.size(); ++i)
      ASSERT_NEAR(tensor[i], static_cast<float>(rgb[i / kArea]) / 255, 0.006) << i;
  }
}

TEST(NetworkInput, StaysWithinZeroAndOneForColoursThatNoRgbHas) {
  std::vector<float> tensor(3 * 4);
  for (const YuvColor color : {YuvColor{0, 0, 0}, {255, 255, 255}, {255, 0, 255}, {0, 255, 0}}) {
    NetworkInput({2, 2}).fill(frame_of({4, 4}, color), tensor);
    for (const float value : tensor) EXPECT_TRUE(value >= 0 && value <= 1) << value;
  }
}

TEST(NetworkInput, StretchesTheWholeFrame) {
  FramePool pool;
  auto frame = pool.acquire({300, 20});
  fill(*frame, {16, 128, 128});
  for (int y = 0; y < 20; ++y)
    for (int x = 150; x < 300; ++x) frame->y().row(y)[x] = 235;
  std::vector<float> tensor(3 * 16);
  NetworkInput({4, 4}).fill(std::move(*frame).freeze({}), tensor);
  for (std::size_t i = 0; i < tensor.size(); ++i) EXPECT_NEAR(tensor[i], i % 4 < 2 ? 0 : 1, 1e-5) << i;
}

}  // namespace
}  // namespace viba
