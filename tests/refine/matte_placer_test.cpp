#include "refine/matte_placer.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <hwy/targets.h>

#include "refine/place_kernels.h"

namespace viba {
namespace {

using testing::Each;
using testing::FloatNear;

CoarseMatte placed(const Confidence& confidence, Size frame) {
  CoarseMatte matte;
  MattePlacer().run(confidence, 0.5F, frame, matte);
  return matte;
}

TEST(CoarseSize, Is320CellsAlongTheLongerSideButNeverMoreThanPixels) {
  EXPECT_EQ(coarse_size({1280, 720}), (Size{320, 180}));
  EXPECT_EQ(coarse_size({1920, 1080}), (Size{320, 180}));
  EXPECT_EQ(coarse_size({640, 480}), (Size{320, 240}));
  EXPECT_EQ(coarse_size({480, 640}), (Size{240, 320}));
  EXPECT_EQ(coarse_size({64, 48}), (Size{64, 48}));
  EXPECT_EQ(coarse_size({16384, 2}), (Size{320, 1}));
}

TEST(MattePlacer, KeepsWhatIsTheSameEverywhere) {
  for (const Size frame : {Size{64, 48}, Size{1280, 720}, Size{482, 362}, Size{2, 2}})
    for (const Size cells : {Size{1, 1}, Size{256, 256}, Size{33, 700}}) {
      const auto matte = placed({cells, std::vector<float>(cells_of(cells), 0.75F)}, frame);
      EXPECT_EQ(matte.size(), cells_of(coarse_size(frame)));
      EXPECT_THAT(matte, Each(FloatNear(0.75F, 1e-5F)));
    }
}

TEST(MattePlacer, PutsCellCentresOntoCellCentres) {
  const auto matte = placed({{2, 1}, {0, 1}}, {8, 8});
  const std::vector<float> expected{0, 0, 0.125F, 0.375F, 0.625F, 0.875F, 1, 1};
  for (std::size_t x = 0; x < 8; ++x) EXPECT_FLOAT_EQ(matte[3 * 8 + x], expected[x]) << x;
}

TEST(MattePlacer, AveragesWhereTheNetworkIsTheFinerOne) {
  const auto matte = placed({{4, 2}, {0, 1, 1, 1, 0, 0, 1, 0}}, {2, 2});
  EXPECT_FLOAT_EQ(matte[0], 0.5F);
  EXPECT_FLOAT_EQ(matte[1], 1);
  EXPECT_FLOAT_EQ(matte[2], 0);
  EXPECT_FLOAT_EQ(matte[3], 0.5F);
}

TEST(MattePlacer, LeavesNobodyOutsideOfTheAreaAndFadesOutTowardsIt) {
  const auto matte = placed({{1, 1}, {1}, Rect{0, 24, {32, 24}}}, {64, 48});
  const auto at = [&](int x, int y) { return matte[std::size_t(y * 64 + x)]; };
  EXPECT_EQ(at(10, 23), 0);
  EXPECT_EQ(at(32, 40), 0);
  EXPECT_EQ(at(63, 0), 0);
  EXPECT_EQ(at(10, 40), 1);
  EXPECT_EQ(at(0, 47), 1) << "the picture's own border is none of the crop's";
  EXPECT_FLOAT_EQ(at(10, 24), 0.125F);
  EXPECT_FLOAT_EQ(at(10, 26), 0.625F);
  EXPECT_FLOAT_EQ(at(31, 40), 0.125F);
}

TEST(MattePlacer, ForgetsWhereTheAreaWas) {
  MattePlacer placer;
  CoarseMatte matte;
  placer.run({{1, 1}, {1}, Rect{0, 0, {32, 48}}}, 0.5F, {64, 48}, matte);
  placer.run({{2, 2}, {1, 1, 1, 1}, Rect{40, 8, {20, 20}}}, 0.5F, {64, 48}, matte);
  EXPECT_EQ(matte[20 * 64 + 5], 0);
  EXPECT_EQ(matte[18 * 64 + 50], 1);
}

class PlaceKernelsOn : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  std::vector<float> shares(std::size_t count) {
    std::vector<float> result(count);
    for (float& share : result) share = float(random_() % 1001) / 1000;
    return result;
  }
  std::mt19937 random_{17};
};

TEST_P(PlaceKernelsOn, MoveTheThresholdToOneHalf) {
  for (const std::size_t count : {1U, 15U, 16U, 331U})
    for (const float threshold : {0.0F, 0.2F, 0.5F, 0.9F, 1.0F}) {
      auto confidences = shares(count);
      confidences.front() = 0;
      confidences.back() = 1;
      std::vector<float> moved(count);
      place::move(confidences.data(), threshold, count, moved.data());
      for (std::size_t i = 0; i < count; ++i) {
        const double person = double(confidences[i]) * (1 - double(threshold));
        const double room = (1 - double(confidences[i])) * double(threshold);
        ASSERT_NEAR(moved[i], person > 0 ? person / (person + room) : 0, 1e-6) << confidences[i] << ", " << threshold;
      }
    }
}

TEST_P(PlaceKernelsOn, WeighRows) {
  for (const int width : {1, 7, 16, 33, 257})
    for (const std::size_t taps : {1U, 2U, 5U}) {
      const auto rows = shares(std::size_t(width) * taps);
      const auto weights = shares(taps);
      std::vector<float> sums(std::size_t(width) + 1, -1);
      place::weigh_rows(rows.data(), width, weights.data(), taps, sums.data());
      for (int x = 0; x < width; ++x) {
        double sum = 0;
        for (std::size_t tap = 0; tap < taps; ++tap)
          sum += double(weights[tap]) * double(rows[tap * std::size_t(width) + std::size_t(x)]);
        ASSERT_NEAR(sums[std::size_t(x)], sum, 1e-6);
      }
      EXPECT_EQ(sums.back(), -1);
    }
}

TEST_P(PlaceKernelsOn, WeighColumnsHoweverFarTheyLieApart) {
  for (const int cells : {1, 7, 16, 45, 320})
    for (const double step : {0.0, 0.3, 0.8, 1.0, 1.7, 9.4})
      for (const std::size_t taps : {1U, 2U, 3U, 11U}) {
        std::vector<std::int32_t> first;
        for (int i = 0; i < cells; ++i) first.push_back(std::int32_t(i * step));
        const auto weights = shares(taps * std::size_t(cells));
        const auto row = shares(std::size_t(first.back()) + taps + place::kMargin);
        std::vector<float> means(std::size_t(cells) + 1, -1);
        place::weigh_columns(row.data(), {first.data(), weights.data(), taps, cells}, means.data());
        for (std::size_t i = 0; i < std::size_t(cells); ++i) {
          double sum = 0;
          for (std::size_t tap = 0; tap < taps; ++tap)
            sum += double(weights[tap * std::size_t(cells) + i]) * double(row[std::size_t(first[i]) + tap]);
          ASSERT_NEAR(means[i], std::min(sum, 1.0), 1e-6) << i << " of " << cells << ", " << step << ", " << taps;
        }
        EXPECT_EQ(means.back(), -1);
      }
}

INSTANTIATE_TEST_SUITE_P(Each, PlaceKernelsOn, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

}  // namespace
}  // namespace viba
