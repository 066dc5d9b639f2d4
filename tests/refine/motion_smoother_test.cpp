#include "refine/motion_smoother.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "refine/motion_kernels.h"

namespace viba {
namespace {

constexpr Size kSize{96, 64};
constexpr std::size_t kCells = std::size_t{96} * 64;

CoarsePicture gray(int level) {
  return {kSize, std::vector<std::uint8_t>(kCells, std::uint8_t(level)), std::vector<std::uint8_t>(kCells, 128),
          std::vector<std::uint8_t>(kCells, 128)};
}

std::size_t at(int x, int y) { return std::size_t(y * kSize.width + x); }

/// Of a matte that jumps from one frame to the next, to and fro: how far it still does, once it has settled.
double jump(MotionSmoother& smoother, const std::function<CoarsePicture(int frame)>& picture, int x, int y,
            std::span<const float> trust = {}) {
  double least = 1, most = 0;
  for (int i = 0; i < 40; ++i) {
    CoarseMatte matte(kCells, i % 2 == 0 ? 0.3F : 0.7F);
    smoother.run(picture(i), trust, matte);
    if (i < 20) continue;
    least = std::min(least, double(matte[at(x, y)]));
    most = std::max(most, double(matte[at(x, y)]));
  }
  return most - least;
}

class MotionKernelsOn : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(MotionKernelsOn, AgreeWithTheDefinition) {
  std::mt19937 random(11);
  const auto share = [&] { return float(random() % 1001) / 1000; };
  for (const std::size_t count : {1U, 7U, 64U, 331U}) {
    std::vector<std::uint16_t> a(count), b(count), differences(count);
    std::vector<float> trust(count), last(count), values(count);
    for (std::size_t i = 0; i < count; ++i) {
      a[i] = std::uint16_t(random() % 6376);
      b[i] = std::uint16_t(std::clamp(int(a[i]) + int(random() % 401) - 200, 0, 6375));
      trust[i] = share(), last[i] = share(), values[i] = share();
    }
    motion::differ(a.data(), b.data(), count, differences.data());
    auto held = values, trusted = values;
    motion::hold(differences.data(), 75, 0.8F, nullptr, last.data(), count, held.data());
    motion::hold(differences.data(), 75, 0.8F, trust.data(), last.data(), count, trusted.data());
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(differences[i], std::abs(int(a[i]) - int(b[i])));
      const double towards = 0.8 * std::pow(std::max(0.0, 1 - std::pow(differences[i] / 150.0, 2)), 3);
      ASSERT_NEAR(held[i], values[i] + towards * (last[i] - values[i]), 1e-6);
      ASSERT_NEAR(trusted[i], values[i] + towards * (1 - trust[i]) * (last[i] - values[i]), 1e-6);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, MotionKernelsOn, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

TEST(MotionSmoother, CalmsAMatteWhereThePictureStandsStill) {
  MotionSmoother smoother;
  EXPECT_LT(jump(
                smoother, [](int) { return gray(90); }, 30, 30),
            0.06);
}

TEST(MotionSmoother, FollowsAtOnceWhereThePictureMoves) {
  MotionSmoother smoother;
  const auto moving = [](int frame) {
    CoarsePicture picture = gray(90);
    for (int y = 10; y < 30; ++y)
      for (int x = 10; x < 30; ++x) picture.y[at(x, y)] = std::uint8_t(frame % 2 == 0 ? 40 : 140);
    return picture;
  };
  EXPECT_NEAR(jump(smoother, moving, 20, 20), 0.4, 1e-5);
  EXPECT_NEAR(jump(smoother, moving, 10, 10), 0.4, 1e-5) << "also at the border of what moves";
  EXPECT_LT(jump(smoother, moving, 60, 50), 0.06) << "and elsewhere it stays calm";
}

TEST(MotionSmoother, IsNotHeldBackByNoise) {
  std::mt19937 random(5);
  std::normal_distribution<double> noise(0, 25);
  const auto noisy = [&](int) {
    CoarsePicture picture = gray(0);
    for (auto& level : picture.y) level = std::uint8_t(std::clamp(110 + noise(random), 0.0, 255.0));
    return picture;
  };
  MotionSmoother smoother;
  EXPECT_LT(jump(smoother, noisy, 30, 30), 0.25);
}

TEST(MotionSmoother, LeavesAloneWhatIsRightWithoutIt) {
  MotionSmoother smoother;
  std::vector<float> trust(kCells, 0);
  trust[at(30, 30)] = 1;
  EXPECT_NEAR(jump(
                  smoother, [](int) { return gray(90); }, 30, 30, trust),
              0.4, 1e-5);
  EXPECT_LT(jump(
                smoother, [](int) { return gray(90); }, 31, 30, trust),
            0.06);
}

TEST(MotionSmoother, ForgetsWhenToldAndWhenTheSizeChanges) {
  MotionSmoother smoother;
  CoarseMatte person(kCells, 1), room(kCells, 0);
  smoother.run(gray(90), {}, person);
  smoother.reset();
  smoother.run(gray(90), {}, room);
  EXPECT_EQ(room, CoarseMatte(kCells, 0));
  CoarsePicture smaller = gray(90);
  smaller.size = {64, 48};
  for (auto* plane : {&smaller.y, &smaller.u, &smaller.v}) plane->resize(cells_of(smaller.size));
  CoarseMatte other(cells_of(smaller.size), 1);
  smoother.run(smaller, {}, other);
  EXPECT_EQ(other, CoarseMatte(cells_of(smaller.size), 1));
}

TEST(MotionSmoother, TakesTheTiniestPictures) {
  for (const Size size : {Size{2, 2}, Size{1, 3}, Size{4, 1}}) {
    MotionSmoother smoother;
    const std::vector<std::uint8_t> level(cells_of(size), 77);
    CoarseMatte first(cells_of(size), 1), second(cells_of(size), 0);
    smoother.run({size, level, level, level}, {}, first);
    smoother.run({size, level, level, level}, {}, second);
    for (const float alpha : second) EXPECT_FLOAT_EQ(alpha, 0.8F);
  }
}

}  // namespace
}  // namespace viba
