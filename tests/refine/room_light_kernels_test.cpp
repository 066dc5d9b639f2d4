#include "refine/room_light_kernels.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace viba {
namespace {

class RoomLightKernels : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  /// Levels, most of which have changed by about as much.
  void fill(std::size_t count, int change) {
    now_.resize(count);
    then_.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      now_[i] = std::uint8_t(random_());
      const int noise = static_cast<int>(random_() % (random_() % 4 == 0 ? 20000 : 2000)) - 1000;
      then_[i] = std::uint16_t(std::clamp((now_[i] - change) * 128 + noise, 0, 65535));
    }
  }
  [[nodiscard]] LevelPairs pairs() const { return {now_.data(), then_.data(), now_.size()}; }
  [[nodiscard]] double change(std::size_t i) const { return now_[i] - then_[i] / 128.0; }

  std::mt19937 random_{9};
  std::vector<std::uint8_t> now_;
  std::vector<std::uint16_t> then_;
};

TEST_P(RoomLightKernels, TakeFourths) {
  fill(64, 5);
  for (std::size_t skipped = 0; skipped < 4; ++skipped) {
    std::vector<std::uint8_t> now(16);
    std::vector<std::uint16_t> then(16);
    take_fourths(now_.data(), then_.data(), int(skipped), now.data(), then.data());
    for (std::size_t i = 0; i < 16; ++i) {
      EXPECT_EQ(now[i], now_[4 * i + skipped]) << i;
      EXPECT_EQ(then[i], then_[4 * i + skipped]) << i;
    }
  }
}

TEST_P(RoomLightKernels, FindTheMedian) {
  for (const std::size_t count : {1U, 2U, 7U, 64U, 333U, 4801U})
    for (const int change : {0, 13, -40, -300}) {
      fill(count, change);
      std::vector<double> levels;
      for (std::size_t i = 0; i < count; ++i)
        levels.push_back(std::clamp(std::floor(this->change(i) + 0.5), -256.0, 255.0));
      std::ranges::nth_element(levels, levels.begin() + std::ptrdiff_t(count / 2));
      std::vector<std::uint16_t> scratch(count);
      EXPECT_EQ(median_change(pairs(), scratch.data()), levels[count / 2]) << count << " by " << change;
    }
}

TEST_P(RoomLightKernels, SumWhatIsNear) {
  for (const std::size_t count : {0U, 1U, 7U, 64U, 333U, 4801U}) {
    fill(count, 13);
    if (count > 1) now_[1] = 255, then_[1] = 65535;
    const int median = count == 7 ? -257 : 13;
    LevelSums expected;
    for (std::size_t i = 0; i < count; ++i) {
      if (std::abs(change(i) - median) >= 12) continue;
      expected.count += 1;
      expected.now += now_[i];
      expected.then += then_[i];
      expected.squares_of_then += std::uint64_t{then_[i]} * then_[i];
      expected.products += std::uint64_t{then_[i]} * now_[i];
    }
    const LevelSums sums = sums_near(pairs(), median, 12);
    EXPECT_EQ(sums.count, expected.count) << count;
    EXPECT_EQ(sums.now, expected.now) << count;
    EXPECT_EQ(sums.then, expected.then) << count;
    EXPECT_EQ(sums.squares_of_then, expected.squares_of_then) << count;
    EXPECT_EQ(sums.products, expected.products) << count;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, RoomLightKernels, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

}  // namespace
}  // namespace viba
