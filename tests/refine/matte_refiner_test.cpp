#include "refine/matte_refiner.h"

#include <gtest/gtest.h>

namespace viba {
namespace {

int alpha_for(float confidence, double threshold) {
  FramePool pool;
  const Frame frame = std::move(*pool.acquire({8, 8})).freeze({.sequence = 3});
  const auto matte = (*make_refiner({}, threshold, Log{}))->refine(frame, {{1, 1}, {confidence}});
  EXPECT_TRUE(matte);
  EXPECT_EQ(matte->info().sequence, 3U);
  return matte->alpha().row(4)[4];
}

TEST(MatteRefiner, TheThresholdIsWhereAlphaIsOneHalf) {
  for (const double threshold : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    EXPECT_NEAR(alpha_for(float(threshold), threshold), 127.5, 1) << threshold;
    EXPECT_LT(alpha_for(float(threshold) - 0.05F, threshold), 127) << threshold;
    EXPECT_GT(alpha_for(float(threshold) + 0.05F, threshold), 128) << threshold;
  }
}

TEST(MatteRefiner, SureCellsAreSureSoThatNoFaintRoomShinesThrough) {
  EXPECT_EQ(alpha_for(0, 0.5), 0);
  EXPECT_EQ(alpha_for(0.05F, 0.5), 0);
  EXPECT_EQ(alpha_for(0.95F, 0.5), 255);
  EXPECT_EQ(alpha_for(1, 0.5), 255);
}

TEST(MatteRefiner, TheEndsOfTheRangeMeanWhatTheySay) {
  EXPECT_EQ(alpha_for(1, 1), 0) << "nobody is a person";
  EXPECT_EQ(alpha_for(0, 0), 0) << "no confidence is never a person";
  EXPECT_EQ(alpha_for(0.01F, 0), 255);
}

TEST(MatteRefiner, ShowsEverybodyOrTheMainPerson) {
  FramePool pool;
  const Frame frame = std::move(*pool.acquire({160, 96})).freeze({});
  Confidence confidence{.size = {16, 6}, .values = {}, .area = {}};
  for (int y = 0; y < 6; ++y)
    for (int x = 0; x < 16; ++x) confidence.values.push_back((x >= 6 && x < 12) || (x < 2 && y > 3) ? 1.0F : 0.0F);
  for (const People people : {People::kAll, People::kMain}) {
    Options options;
    options.people = people;
    options.learn_room = false;
    const auto matte = (*make_refiner(options, 0.5, Log{}))->refine(frame, confidence);
    ASSERT_TRUE(matte);
    EXPECT_EQ(matte->alpha().row(50)[90], 255);
    EXPECT_EQ(matte->alpha().row(85)[8], people == People::kAll ? 255 : 0);
  }
}

TEST(MatteRefiner, RefusesAGridThatIsNotWhatItSays) {
  FramePool pool;
  const Frame frame = std::move(*pool.acquire({8, 8})).freeze({});
  EXPECT_FALSE((*make_refiner({}, 0.5, Log{}))->refine(frame, {{2, 2}, {1, 1, 1}}));
  EXPECT_FALSE((*make_refiner({}, 0.5, Log{}))->refine(frame, {}));
}

}  // namespace
}  // namespace viba
