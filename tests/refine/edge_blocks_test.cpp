#include "refine/edge_blocks.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace viba {
namespace {

constexpr float kTail = 0.05F;

/// Mostly sure, with an ellipse of person that has a soft edge on one side and none on the other, and a lone cell.
CoarseMatte some_matte(Size size) {
  CoarseMatte matte;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const double reach = std::hypot((x + 0.5) / size.width - 0.4, (y + 0.5) / size.height - 0.5);
      const double width = x < size.width * 0.4 ? 1e-6 : 0.1;
      matte.push_back(float(std::clamp((0.3 - reach) / width + 0.5, 0.0, 1.0)));
    }
  matte[matte.size() / 3] = 0.5F;
  return matte;
}

class EdgeBlocksOf : public testing::TestWithParam<Size> {
 protected:
  void SetUp() override { blocks_.run(matte_, size_, kTail); }

  bool is_edge(int x, int y) const {
    const auto is_person = [&](int column, int row) { return at(column, row) >= 1 - kTail; };
    const bool here = is_person(x, y);
    return (!here && at(x, y) >= kTail) || (x > 0 && is_person(x - 1, y) != here) ||
           (y > 0 && is_person(x, y - 1) != here);
  }
  bool is_near(int x, int y) const {
    for (int v = std::max(0, y - EdgeBlocks::kReach); v <= std::min(size_.height - 1, y + EdgeBlocks::kReach); ++v)
      for (int u = std::max(0, x - EdgeBlocks::kReach); u <= std::min(size_.width - 1, x + EdgeBlocks::kReach); ++u)
        if (is_edge(u, v)) return true;
    return false;
  }
  bool has_near(int block, int y) const {
    for (int x = block * EdgeBlocks::kWidth; x < std::min((block + 1) * EdgeBlocks::kWidth, size_.width); ++x)
      if (is_near(x, y)) return true;
    return false;
  }
  float at(int x, int y) const { return matte_[std::size_t(y) * std::size_t(size_.width) + std::size_t(x)]; }

  /// How many stretches have a cell; they are in order, and none touches the next.
  static int times(std::span<const Stretch> stretches, int x) {
    for (std::size_t i = 0; i < stretches.size(); ++i) {
      EXPECT_LT(stretches[i].begin, stretches[i].end);
      EXPECT_TRUE(i == 0 || stretches[i - 1].end < stretches[i].begin);
    }
    return static_cast<int>(
        std::ranges::count_if(stretches, [x](const Stretch& one) { return x >= one.begin && x < one.end; }));
  }

  Size size_ = GetParam();
  CoarseMatte matte_ = some_matte(size_);
  EdgeBlocks blocks_;
};

TEST_P(EdgeBlocksOf, SayOfEachCellWhatItIs) {
  for (int y = 0; y < size_.height; ++y)
    for (int x = 0; x < size_.width; ++x) {
      const bool near = is_near(x, y);
      ASSERT_EQ(times(blocks_.edges(y), x), near ? 1 : 0) << x << ", " << y;
      ASSERT_EQ(times(blocks_.person(y), x), !near && at(x, y) >= 0.5F ? 1 : 0) << x << ", " << y;
      ASSERT_EQ(times(blocks_.room(y), x), !near && at(x, y) < 0.5F ? 1 : 0) << x << ", " << y;
    }
}

TEST_P(EdgeBlocksOf, KnowWhichBlocksHaveAnEdgeAndWhichRowsAreNearThose) {
  for (int y = 0; y < size_.height; ++y)
    for (int block = 0; block * EdgeBlocks::kWidth < size_.width; ++block) {
      ASSERT_EQ(times(blocks_.blocks(y), block * EdgeBlocks::kWidth), has_near(block, y) ? 1 : 0) << block << ", " << y;
      bool around = false;
      for (int row = std::max(0, y - 2); row <= std::min(size_.height - 1, y + 2); ++row)
        around = around || has_near(block, row);
      ASSERT_EQ(times(blocks_.around(y), block * EdgeBlocks::kWidth), around ? 1 : 0) << block << ", " << y;
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, EdgeBlocksOf,
                         testing::Values(Size{320, 180}, Size{180, 320}, Size{65, 40}, Size{64, 24}, Size{7, 90},
                                         Size{2, 2}, Size{130, 1}),
                         [](const auto& size) {
                           return std::to_string(size.param.width) + "x" + std::to_string(size.param.height);
                         });

TEST(EdgeBlocks, AMatteOfNobodyHasNoEdge) {
  EdgeBlocks blocks;
  blocks.run(CoarseMatte(320 * 180, 0.0F), {320, 180}, kTail);
  for (int y = 0; y < 180; ++y) {
    EXPECT_TRUE(blocks.edges(y).empty() && blocks.around(y).empty() && blocks.person(y).empty());
    ASSERT_EQ(blocks.room(y).size(), 1U);
    EXPECT_EQ(blocks.room(y)[0].begin, 0);
    EXPECT_EQ(blocks.room(y)[0].end, 320);
  }
}

}  // namespace
}  // namespace viba
