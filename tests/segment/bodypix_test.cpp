#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "media/scale.h"
#include "segment/known_feeds.h"
#include "segment/logit_grid.h"
#include "segment/make_segmenter.h"
#include "segment/tfjs_file_builder.h"
#include "support/rgb_png.h"

namespace viba::test {
namespace {

/// Samples red at every stride-th pixel: logit = gain * (what the network takes) + bias.
TfjsFileBuilder sampler(const std::string& prefix, int stride, float gain, float bias) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_constant(prefix + "weights", {1, 1, 3, 1}, {gain, 0, 0});
  file.add_constant(prefix + "bias", {1}, {bias});
  file.add_node(prefix + "Conv2D", "Conv2D", {"in", prefix + "weights"}, TfjsFileBuilder::window("SAME", stride));
  file.add_node("float_segments", "BiasAdd", {prefix + "Conv2D", prefix + "bias"});
  return file;
}

/// Both files of a model, for the time of a test.
class ModelFiles {
 public:
  explicit ModelFiles(const TfjsFileBuilder& file) : shard_("shard.bin", file.shard), json_("model.json", {}) {
    std::ofstream(path()) << file.root.dump();
  }
  [[nodiscard]] const std::string& path() const { return json_.path(); }

 private:
  TemporaryFile shard_, json_;
};

Frame gray_frame(Size size, auto luma_at) {
  FramePool pool;
  auto frame = pool.acquire(size);
  fill(*frame, {16, 128, 128});
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) frame->y().row(y)[x] = static_cast<std::uint8_t>(luma_at(x, y));
  return std::move(*frame).freeze({});
}

std::unique_ptr<Segmenter> segmenter_of(const std::string& path) {
  auto made = make_segmenter({.model_name = path}, {});
  EXPECT_TRUE(made) << made.error().message;
  return std::move(made).value_or(nullptr);
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

TEST(BodyPix, TheInputIsTheFrameRoundedToTheStride) {
  const InputFeed input = bodypix_feed(BodyPixBackbone::kMobileNet, 16).input;
  EXPECT_EQ(input.size_for({640, 480}), (Size{641, 481}));
  EXPECT_EQ(input.size_for({1280, 720}), (Size{1281, 721}));
  EXPECT_EQ(input.size_for({640, 360}), (Size{641, 353}));
  EXPECT_EQ(input.size_for({1920, 1080}), (Size{1281, 721}));
  EXPECT_EQ(input.size_for({257, 257}), (Size{257, 257}));
  EXPECT_EQ(input.size_for({2, 2}), (Size{17, 17}));
  const Size huge = input.size_for({16384, 8192});
  EXPECT_NEAR(static_cast<double>(huge.width) / huge.height, 2, 0.05);
  EXPECT_LT(huge.width * huge.height, 1281 * 722);
}

TEST(BodyPix, IsToldByItsGraph) {
  for (const int stride : {8, 16, 32}) {
    const ModelFiles files(sampler("MobilenetV1/", stride, 1, 0));
    const auto segmenter = segmenter_of(files.path());
    ASSERT_TRUE(segmenter);
    EXPECT_EQ(segmenter->name(), "BodyPix MobileNet, stride " + std::to_string(stride) + ", on the CPU");
    EXPECT_EQ(segmenter->threshold(), 0.7);
  }
}

/// A ramp from left to right and one from top to bottom: whatever the network samples must be found
/// at the place of the picture that it was sampled from.
TEST(BodyPix, ConfidencesLieWhereThePictureDoes) {
  constexpr float kGain = 3;
  constexpr Size kFrame{320, 160};
  for (const int stride : {8, 16}) {
    const ModelFiles files(sampler("MobilenetV1/", stride, kGain, 0));
    const auto segmenter = segmenter_of(files.path());
    ASSERT_TRUE(segmenter);
    for (const bool across : {true, false}) {
      const int length = across ? kFrame.width : kFrame.height;
      const auto luma_at = [&](double place) { return 16 + 219 * (place + 0.5) / length; };
      Confidence confidence;
      const auto frame = gray_frame(kFrame, [&](int x, int y) { return std::lround(luma_at(across ? x : y)); });
      ASSERT_TRUE(segmenter->segment(frame, confidence));
      const auto [columns, rows] = confidence.size;
      ASSERT_EQ(confidence.values.size(), static_cast<std::size_t>(columns * rows));
      for (int y = 0; y < rows; ++y)
        for (int x = 0; x < columns; ++x) {
          const float place = across ? (static_cast<float>(x) + 0.5F) / static_cast<float>(columns)
                                     : (static_cast<float>(y) + 0.5F) / static_cast<float>(rows);
          ASSERT_NEAR(confidence.values[static_cast<std::size_t>(y * columns + x)], sigmoid(kGain * (2 * place - 1)),
                      0.006)
              << x << "," << y << " stride " << stride;
        }
    }
  }
}

TEST(BodyPix, FollowsTheSizeOfFrames) {
  const ModelFiles files(sampler("MobilenetV1/", 16, 1, 0));
  const auto segmenter = segmenter_of(files.path());
  ASSERT_TRUE(segmenter);
  Confidence small, large, again;
  const auto black = [](int, int) { return 16; };
  ASSERT_TRUE(segmenter->segment(gray_frame({64, 64}, black), small));
  ASSERT_TRUE(segmenter->segment(gray_frame({320, 64}, black), large));
  ASSERT_TRUE(segmenter->segment(gray_frame({64, 64}, black), again));
  EXPECT_EQ(small.size, again.size);
  EXPECT_EQ(small.values, again.values);
  EXPECT_EQ(large.size, (Size{81, 17}));
  EXPECT_NEAR(small.values[0], sigmoid(-1), 1e-5);
}

/// The mean of ImageNet is taken from 0..255.
TEST(BodyPix, ResNetIsFedOtherwise) {
  const ModelFiles files(sampler("resnet_v1_50/", 32, 0.01F, 0));
  const auto segmenter = segmenter_of(files.path());
  ASSERT_TRUE(segmenter);
  EXPECT_EQ(segmenter->name(), "BodyPix ResNet50, stride 32, on the CPU");
  Confidence confidence;
  ASSERT_TRUE(segmenter->segment(gray_frame({64, 64}, [](int, int) { return 235; }), confidence));
  EXPECT_NEAR(confidence.values[0], sigmoid(0.01F * (255 - 123.15F)), 1e-4);
}

TEST(BodyPix, WhatIsNoConfidenceIsAnErrorAndNotAMask) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float bias : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
    const ModelFiles files(sampler("MobilenetV1/", 16, 1, bias));
    const auto segmenter = segmenter_of(files.path());
    ASSERT_TRUE(segmenter);
    Confidence confidence{.size = {1, 1}, .values = {0.25F}};
    const auto done = segmenter->segment(gray_frame({64, 64}, [](int, int) { return 16; }), confidence);
    ASSERT_FALSE(done) << bias;
    EXPECT_EQ(done.error().code, ErrorCode::kInference);
    EXPECT_EQ(confidence.values, std::vector{0.25F});
    expect_sentence(done.error());
  }
}

TEST(BodyPix, AnEmptyFrameIsAnError) {
  const ModelFiles files(sampler("MobilenetV1/", 16, 1, 0));
  const auto segmenter = segmenter_of(files.path());
  ASSERT_TRUE(segmenter);
  Confidence confidence;
  EXPECT_FALSE(segmenter->segment(Frame(), confidence));
}

void expect_refused(const TfjsFileBuilder& file, std::string_view word) {
  const ModelFiles files(file);
  const auto made = make_segmenter({.model_name = files.path()}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported) << made.error().message;
  EXPECT_NE(made.error().message.find(files.path()), std::string::npos) << made.error().message;
  EXPECT_NE(made.error().message.find(word), std::string::npos) << made.error().message;
  expect_sentence(made.error());
}

TEST(BodyPix, OtherNetworksMustBeDescribed) {
  TfjsFileBuilder no_mask;
  no_mask.add_input();
  no_mask.add_node("MobilenetV1/heatmap", "Relu", {"in"});
  expect_refused(no_mask, "output.activation");
  expect_refused(sampler("VGG/", 16, 1, 0), "input.range");
  expect_refused(sampler("MobilenetV1/", 3, 1, 0), "input.size");
}

TEST(BodyPix, AMissingModelIsNamed) {
  const auto made = make_segmenter({.model_name = "/nonexistent/model-stride16.json"}, {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kNotFound);
  EXPECT_NE(made.error().message.find("/nonexistent/model-stride16.json"), std::string::npos);
  expect_sentence(made.error());
}

/// The golden pictures have odd sides, which frames have not.
Frame frame_without_last_pixels(const RgbPicture& picture) {
  FramePool pool;
  auto frame = pool.acquire(round_to_even({picture.width, picture.height}));
  for (int y = 0; y < frame->size().height; ++y)
    for (int x = 0; x < frame->size().width; ++x) {
      const auto* rgb = picture.pixels.data() + 3 * (std::ptrdiff_t{y} * picture.width + x);
      const YuvColor color = yuv_of_rgb(rgb[0], rgb[1], rgb[2]);
      frame->y().row(y)[x] = color.y;
      frame->u().row(y / 2)[x / 2] = color.u;
      frame->v().row(y / 2)[x / 2] = color.v;
    }
  return std::move(*frame).freeze({});
}

class BodyPixOnPictures : public testing::TestWithParam<const char*> {};

TEST_P(BodyPixOnPictures, FindsThePersonWhereTfjsDoes) {
  const std::string data = std::string(VIBA_SHARED_DIR) + "/data/";
  const std::string model = data + "bodypix/" + GetParam() + "/model-stride16.json";
  const auto picture = read_rgb_png(data + "golden/bodypix/astronaut_257x257.png");
  const auto bytes = bytes_of(data + "golden/bodypix/" + GetParam() + ".stride16.astronaut.float_segments.f32");
  if (!picture || bytes.empty() || !std::filesystem::exists(model)) GTEST_SKIP() << "files missing: " << model;
  std::vector<float> logits(bytes.size() / sizeof(float));
  std::memcpy(logits.data(), bytes.data(), bytes.size());
  LogitGrid grid({257, 257}, {17, 17});
  std::vector<float> golden(static_cast<std::size_t>(grid.size().width * grid.size().height));
  grid.fill(logits, golden);

  const auto segmenter = segmenter_of(model);
  ASSERT_TRUE(segmenter);
  Confidence confidence;
  const auto done = segmenter->segment(frame_without_last_pixels(*picture), confidence);
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(confidence.size, grid.size());
  int both = 0, either = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) {
    const bool here = confidence.values[i] > 0.5F;
    const bool there = golden[i] > 0.5F;
    both += here && there ? 1 : 0;
    either += here || there ? 1 : 0;
  }
  const double agreement = static_cast<double>(both) / either;
  std::cout << GetParam() << ": intersection over union with TF.js " << agreement << "\n";
  EXPECT_GT(agreement, 0.97);
  EXPECT_GT(both, std::ssize(golden) / 10);
  EXPECT_LT(both, std::ssize(golden) * 9 / 10);
}

INSTANTIATE_TEST_SUITE_P(Models, BodyPixOnPictures,
                         testing::Values("mobilenet-float-050", "mobilenet-float-075-rebuilt"),
                         [](const auto& param) { return std::string(param.index == 0 ? "Half" : "ThreeQuarters"); });

}  // namespace
}  // namespace viba::test
