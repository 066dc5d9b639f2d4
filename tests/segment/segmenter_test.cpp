#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "media/scale.h"
#include "segment/make_segmenter.h"
#include "segment/model_files.h"
#include "segment/tflite_file_builder.h"

namespace viba::test {
namespace {

/// A bright disc on a dark ground.
Frame disc(Size size) {
  FramePool pool;
  auto frame = pool.acquire(size);
  fill(*frame, {40, 120, 130});
  const double radius = std::min(size.width, size.height) / 3.0;
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      if (std::hypot(x - size.width / 2.0, y - size.height / 2.0) < radius) frame->y().row(y)[x] = 200;
  return std::move(*frame).freeze({});
}

std::unique_ptr<Segmenter> segmenter_of(const std::string& model) {
  auto made = make_segmenter({.model_name = model}, {});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value_or(nullptr);
}

Error refusal_of(const Options& options) {
  const auto made = make_segmenter(options, {});
  EXPECT_FALSE(made);
  return made ? Error{} : made.error();
}

TEST(Segmenter, GivesTheGridOfEachBundledModel) {
  for (const auto* name : {"selfie", "selfie-landscape"}) {
    const ModelInfo& model = *find_model(name);
    const auto segmenter = segmenter_of(name);
    ASSERT_TRUE(segmenter);
    Confidence confidence;
    ASSERT_TRUE(segmenter->segment(disc({640, 480}), confidence));
    EXPECT_EQ(confidence.size, model.feed.input.size);
    ASSERT_EQ(confidence.values.size(), static_cast<std::size_t>(confidence.size.width * confidence.size.height));
    for (const float value : confidence.values) ASSERT_TRUE(value >= 0 && value <= 1);
    EXPECT_NE(segmenter->name().find("CPU"), std::string::npos);
  }
}

TEST(Segmenter, GivesTheSameForTheSameFrameWhateverCameBetween) {
  const auto segmenter = segmenter_of("selfie");
  ASSERT_TRUE(segmenter);
  Confidence first, other, again;
  ASSERT_TRUE(segmenter->segment(disc({640, 480}), first));
  ASSERT_TRUE(segmenter->segment(disc({46, 1022}), other));
  ASSERT_TRUE(segmenter->segment(disc({640, 480}), again));
  EXPECT_EQ(first.values, again.values);
  EXPECT_NE(first.values, other.values);
}

TEST(Segmenter, TakesFramesOfAnyShape) {
  const auto segmenter = segmenter_of("selfie-landscape");
  ASSERT_TRUE(segmenter);
  for (const Size size : {Size{2, 2}, {2, 2000}, {1998, 2}, {34, 34}, {1922, 1082}}) {
    Confidence confidence;
    EXPECT_TRUE(segmenter->segment(disc(size), confidence)) << size.width << "x" << size.height;
  }
}

TEST(Segmenter, KeepsTheMemoryOfItsResult) {
  const auto segmenter = segmenter_of("selfie");
  ASSERT_TRUE(segmenter);
  Confidence confidence;
  ASSERT_TRUE(segmenter->segment(disc({64, 64}), confidence));
  const float* memory = confidence.values.data();
  ASSERT_TRUE(segmenter->segment(disc({128, 64}), confidence));
  EXPECT_EQ(confidence.values.data(), memory);
}

TEST(Segmenter, AnEmptyFrameIsAnError) {
  const auto segmenter = segmenter_of("selfie");
  ASSERT_TRUE(segmenter);
  Confidence confidence;
  const auto done = segmenter->segment(Frame(), confidence);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kInference);
}

/// A network of the right shape that adds `bias` to one channel of what it is given.
std::vector<std::uint8_t> one_layer(int height, int width, float bias, bool sigmoid = false) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, height, width, 3});
  const int filter = file.add_tensor("filter", {1, 1, 1, 3}, {0.5, 0, 0});
  const int addend = file.add_tensor("bias", {1}, {bias});
  int out = file.add_tensor("sum", {1, height, width, 1});
  file.add_operator(tflite::BuiltinOperator::CONV_2D, {in, filter, addend}, {out},
                    tflite::OperatorOptions::Conv2DOptions,
                    tflite::CreateConv2DOptions(file.raw(), tflite::Padding::SAME, 1, 1));
  if (sigmoid) {
    const int sum = out;
    out = file.add_tensor("out", {1, height, width, 1});
    file.add_operator(tflite::BuiltinOperator::LOGISTIC, {sum}, {out});
  }
  return file.finish({in}, {out});
}

TEST(Segmenter, WhatIsNoConfidenceIsAnErrorAndNotAMask) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bias : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity, 1.5F, -0.9F}) {
    const TemporaryFile file("models/selfie_segmentation.tflite", one_layer(256, 256, bias));
    const auto segmenter = make_segmenter({.data_dirs = {file.folder()}}, {});
    ASSERT_TRUE(segmenter) << segmenter.error().message;
    Confidence confidence{.size = {1, 1}, .values = {0.25F}};
    const auto done = (*segmenter)->segment(disc({64, 64}), confidence);
    ASSERT_FALSE(done) << bias;
    EXPECT_EQ(done.error().code, ErrorCode::kInference);
    EXPECT_EQ(confidence.values, std::vector{0.25F});
    expect_sentence(done.error());
  }
}

TEST(Segmenter, AFileOfAnotherSizeIsNotTakenForTheModel) {
  const TemporaryFile file("models/selfie_segmentation.tflite", one_layer(64, 64, 0));
  const Error error = refusal_of({.data_dirs = {file.folder()}});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_NE(error.message.find("1x64x64x3"), std::string::npos) << error.message;
  expect_sentence(error);
}

TEST(Segmenter, ADamagedFileIsNamed) {
  const TemporaryFile file("models/selfie_segmentation.tflite", {});
  const Error error = refusal_of({.data_dirs = {file.folder()}});
  EXPECT_EQ(error.code, ErrorCode::kBadData);
  EXPECT_NE(error.message.find(file.path()), std::string::npos) << error.message;
  expect_sentence(error);
}

TEST(Segmenter, UnknownNamesListTheKnown) {
  const Error error = refusal_of({.model_name = "resnet"});
  EXPECT_EQ(error.code, ErrorCode::kUsage);
  for (const char* word : {"resnet", "selfie", "selfie-landscape"})
    EXPECT_NE(error.message.find(word), std::string::npos) << error.message;
  expect_sentence(error);
}

}  // namespace
}  // namespace viba::test
