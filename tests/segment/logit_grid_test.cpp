#include "segment/logit_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace viba {
namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

/// Logits that say how far right (or down) the pixel is that they belong to; a confidence then tells
/// which place of the picture it was taken from.
TEST(LogitGrid, LogitsBelongToEveryStridethPixelOfTheInput) {
  constexpr int kStride = 16;
  constexpr Size kLogits{5, 3};
  constexpr Size kInput{kStride * (kLogits.width - 1) + 1, kStride * (kLogits.height - 1) + 1};
  std::vector<float> right, down;
  for (int y = 0; y < kLogits.height; ++y)
    for (int x = 0; x < kLogits.width; ++x) {
      right.push_back(static_cast<float>(x * kStride) / 20);
      down.push_back(static_cast<float>(y * kStride) / 20);
    }
  LogitGrid grid(kInput, kLogits);
  ASSERT_EQ(grid.size(), (Size{17, 9}));
  std::vector<float> across(17 * 9), along(17 * 9);
  grid.fill(right, across);
  grid.fill(down, along);
  for (int y = 0; y < 9; ++y)
    for (int x = 0; x < 17; ++x) {
      const auto place = [](int cell, int cells, int input) {
        const float pixel = (static_cast<float>(cell) + 0.5F) / static_cast<float>(cells) * static_cast<float>(input);
        return std::clamp(pixel - 0.5F, 0.0F, static_cast<float>(input - 1)) / 20;
      };
      const auto at = static_cast<std::size_t>(y * 17 + x);
      ASSERT_NEAR(across[at], sigmoid(place(x, 17, kInput.width)), 1e-5) << x;
      ASSERT_NEAR(along[at], sigmoid(place(y, 9, kInput.height)), 1e-5) << y;
    }
}

TEST(LogitGrid, AnEdgeIsAsSharpAsItsLogits) {
  LogitGrid grid({17, 1}, {2, 1});
  std::vector<float> confidences(5);
  grid.fill(std::vector<float>{-20, 20}, confidences);
  EXPECT_LT(confidences[1], 0.01F);
  EXPECT_NEAR(confidences[2], 0.5F, 1e-5);
  EXPECT_GT(confidences[3], 0.99F);
}

TEST(LogitGrid, ASingleLogitIsEverywhere) {
  LogitGrid grid({9, 9}, {1, 1});
  std::vector<float> confidences(9);
  grid.fill(std::vector<float>{1}, confidences);
  for (const float value : confidences) EXPECT_FLOAT_EQ(value, sigmoid(1));
}

TEST(LogitGrid, LargeLogitsStayConfidences) {
  LogitGrid grid({17, 1}, {2, 1});
  std::vector<float> confidences(5);
  const float most = std::numeric_limits<float>::max() / 4;
  grid.fill(std::vector<float>{-most, most}, confidences);
  for (const float value : confidences) EXPECT_TRUE(value >= 0 && value <= 1) << value;
}

}  // namespace
}  // namespace viba
