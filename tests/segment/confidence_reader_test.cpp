#include "segment/confidence_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace viba::test {
namespace {

constexpr Size kInput{8, 8};

std::vector<float> read(const OutputFeed& feed, const MapShape& map, const std::vector<float>& values) {
  Confidence confidence;
  EXPECT_TRUE(ConfidenceReader(feed, kInput, map).read(values, confidence));
  EXPECT_EQ(confidence.size, map.size);
  return confidence.values;
}

float softmax(float wanted, float other) { return 1 / (1 + std::exp(other - wanted)); }

TEST(ConfidenceReader, TakesTheWantedChannelInEitherLayout) {
  const MapShape planar{{2, 1}, 3, false}, interleaved{{2, 1}, 3, true};
  const std::vector<float> values{0, 0.1F, 0.2F, 0.3F, 0.4F, 0.5F};
  EXPECT_EQ(read({.channel = 1}, planar, values), (std::vector{0.2F, 0.3F}));
  EXPECT_EQ(read({.channel = 1}, interleaved, values), (std::vector{0.1F, 0.4F}));
  EXPECT_EQ(read({.channel = 1, .invert = true}, planar, values), (std::vector{1 - 0.2F, 1 - 0.3F}));
}

TEST(ConfidenceReader, MakesProbabilities) {
  const MapShape one{{2, 1}, 1, false};
  const auto sigmoid = read({.activation = Activation::kSigmoid}, one, {0, 2});
  EXPECT_FLOAT_EQ(sigmoid[0], 0.5F);
  EXPECT_FLOAT_EQ(sigmoid[1], 1 / (1 + std::exp(-2.0F)));
  for (const bool last : {false, true}) {
    const std::vector<float> values = last ? std::vector<float>{1, 3, 200, -200} : std::vector<float>{1, 200, 3, -200};
    const auto soft = read({.channel = 1, .activation = Activation::kSoftmax}, {{2, 1}, 2, last}, values);
    EXPECT_FLOAT_EQ(soft[0], softmax(3, 1));
    EXPECT_FLOAT_EQ(soft[1], 0);
  }
}

TEST(ConfidenceReader, CornersBecomeCells) {
  Confidence confidence;
  ConfidenceReader reader({.activation = Activation::kSigmoid, .grid = Grid::kCorners}, {17, 17}, {{2, 2}, 1, false});
  const std::vector<float> logits{-4, 4, -4, 4};
  ASSERT_TRUE(reader.read(logits, confidence));
  EXPECT_EQ(confidence.size, LogitGrid({17, 17}, {2, 2}).size());
  EXPECT_LT(confidence.values.front(), 0.2F);
  EXPECT_GT(confidence.values.back(), 0.8F);
}

TEST(ConfidenceReader, WhatIsNoConfidenceLeavesTheLastOne) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const float bad : {kNan, kInfinity, -kInfinity, 1.1F, -0.1F}) {
    Confidence confidence{.size = {1, 1}, .values = {0.25F}};
    EXPECT_FALSE(ConfidenceReader({}, kInput, {{2, 1}, 1, false}).read(std::vector{0.5F, bad}, confidence)) << bad;
    EXPECT_EQ(confidence.values, std::vector{0.25F});
  }
  // Logits may be any number, but a number they must be, in every channel.
  Confidence confidence;
  ConfidenceReader logits({.activation = Activation::kSigmoid}, kInput, {{1, 1}, 2, false});
  EXPECT_TRUE(logits.read(std::vector{-90.0F, 90.0F}, confidence));
  EXPECT_EQ(confidence.values[0], 1 / (1 + std::exp(90.0F)));
  EXPECT_FALSE(logits.read(std::vector{0.5F, kNan}, confidence));
}

}  // namespace
}  // namespace viba::test
