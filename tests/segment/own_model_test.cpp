// Models that users bring: what is worked out, what must be described, and that they are fed as they are to be.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "media/scale.h"
#include "segment/feed_guess.h"
#include "segment/model_files.h"
#include "segment/network_segmenter.h"

#include "segment/make_segmenter.h"
#include "segment/onnx_file_builder.h"
#include "segment/tfjs_file_builder.h"
#include "segment/tflite_file_builder.h"

namespace viba::test {
namespace {

Frame plain_frame(Size size, YuvColor color) {
  FramePool pool;
  auto frame = pool.acquire(size);
  fill(*frame, color);
  return std::move(*frame).freeze({});
}

/// out = sum over channels of `weights` times the picture, which is `layout`; `last` is its last operator.
OnnxFileBuilder mixer(Layout layout, const std::vector<float>& weights, std::string_view last = "Sigmoid") {
  OnnxFileBuilder file;
  auto builder = file.builder();
  const bool nhwc = layout == Layout::kNhwc;
  const onnx::Shape shape = nhwc ? onnx::Shape{1, 4, 6, 3} : onnx::Shape{1, 3, 4, 6};
  builder.add_input("picture", shape);
  builder.add_constant("weights", {1, 3, 1, 1}, weights);
  std::string value = "picture";
  if (nhwc) {
    builder.add_node("Transpose", {value}, "planar", {1, 3, 4, 6}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}});
    value = "planar";
  }
  builder.add_node("Conv", {value, "weights"}, "sum", {1, 1, 4, 6});
  builder.add_node(last, {"sum"}, "mask", {1, 1, 4, 6});
  value = "mask";
  if (nhwc) {
    builder.add_node("Transpose", {value}, "turned", {1, 4, 6, 1}, {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}});
    value = "turned";
  }
  builder.add_output(value, nhwc ? onnx::Shape{1, 4, 6, 1} : onnx::Shape{1, 1, 4, 6});
  return file;
}

/// A model file with a description beside it, for the time of a test.
class DescribedModel {
 public:
  DescribedModel(const std::string& name, const std::vector<std::uint8_t>& bytes, std::string_view toml = "")
      : file_(name, bytes) {
    if (!toml.empty()) describe(toml);
  }
  /// What tells of the person tells of the person, unless the text says otherwise.
  void describe(std::string_view toml) const {
    std::string text(toml);
    if (const auto output = text.find("[output]\n"); output == std::string::npos)
      text += "\n[output]\ninvert = false\n";
    else if (text.find("invert") == std::string::npos)
      text.insert(output + 9, "invert = false\n");
    std::ofstream(path() + ".toml") << text;
  }
  [[nodiscard]] const std::string& path() const { return file_.path(); }
  [[nodiscard]] Result<std::unique_ptr<Segmenter>> segmenter() const {
    return make_segmenter({.model_name = path()}, {});
  }

 private:
  TemporaryFile file_;
};

float first_confidence(const DescribedModel& model, YuvColor color) {
  const auto segmenter = model.segmenter();
  if (!segmenter) {
    ADD_FAILURE() << segmenter.error().message;
    return -1;
  }
  Confidence confidence;
  const auto done = (*segmenter)->segment(plain_frame({64, 48}, color), confidence);
  EXPECT_TRUE(done) << done.error().message;
  return confidence.values.empty() ? -1 : confidence.values[0];
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

void expect_asked_for(const DescribedModel& model, const std::vector<std::string>& keys) {
  const auto made = model.segmenter();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported) << made.error().message;
  for (const auto& key : keys)
    EXPECT_NE(made.error().message.find(key), std::string::npos) << key << ": " << made.error().message;
  EXPECT_NE(made.error().message.find(model.path()), std::string::npos) << made.error().message;
  expect_sentence(made.error());
}

const YuvColor kRed = yuv_of_rgb(255, 0, 0);

TEST(OwnModel, AnOnnxFileIsFedInEitherLayoutOrderAndRange) {
  for (const Layout layout : {Layout::kNchw, Layout::kNhwc}) {
    const auto bytes = mixer(layout, {0.5F, 0, 0}).bytes();
    // One channel looks at red alone; what red becomes shows the range, and the order of channels.
    EXPECT_NEAR(first_confidence({"a.onnx", bytes, "[input]\nrange = [0, 1]"}, kRed), sigmoid(0.5F), 0.01);
    EXPECT_NEAR(first_confidence({"a.onnx", bytes, "[input]\nrange = [-1, 3]"}, kRed), sigmoid(1.5F), 0.02);
    EXPECT_NEAR(first_confidence({"a.onnx", bytes, "[input]\nrange = [0, 1]\nchannels = \"bgr\""}, kRed), sigmoid(0),
                0.01);
    EXPECT_NEAR(
        first_confidence({"a.onnx", bytes, "[input]\nrange = [0, 2]\nmean = [1, 0, 0]\nstd = [0.5, 1, 1]"}, kRed),
        sigmoid(0.5F * (2 - 1) / 0.5F), 0.02);
  }
}

TEST(OwnModel, WhatTheFileDoesNotTellIsAskedFor) {
  expect_asked_for({"a.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes()}, {"input.range", "output.invert"});
  expect_asked_for({"a.onnx", mixer(Layout::kNchw, {1, 0, 0}, "Relu").bytes()}, {"input.range", "output.activation"});
  expect_asked_for({"a.onnx", mixer(Layout::kNchw, {1, 0, 0}, "Relu").bytes(), "[input]\nrange = [0, 1]"},
                   {"output.activation"});
}

TEST(OwnModel, WhatWouldSayTheSameOfAnyPictureIsRefused) {
  OnnxFileBuilder classifier;
  auto builder = classifier.builder();
  builder.add_input("picture", {1, 3, 4, 6});
  builder.add_node("GlobalAveragePool", {"picture"}, "mean", {1, 3, 1, 1});
  builder.add_node("Sigmoid", {"mean"}, "score", {1, 3, 1, 1});
  builder.add_output("score", {1, 3, 1, 1});
  const DescribedModel score("a.onnx", classifier.bytes(), "[input]\nrange = [0, 1]\n[output]\nchannel = 0");
  const auto one = score.segmenter();
  ASSERT_FALSE(one);
  EXPECT_NE(one.error().message.find("no mask"), std::string::npos) << one.error().message;
  const DescribedModel softmax("b.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes(),
                               "[input]\nrange = [0, 1]\n[output]\nactivation = \"softmax\"");
  const auto other = softmax.segmenter();
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("softmax"), std::string::npos) << other.error().message;
  expect_sentence(other.error());
}

TEST(OwnModel, AFolderStandsForItsOnlyModel) {
  const DescribedModel model("models/a.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes(), "[input]\nrange = [0, 1]");
  const auto folder = std::filesystem::path(model.path()).parent_path().string();
  EXPECT_TRUE(make_segmenter({.model_name = folder}, {}));
  std::ofstream(folder + "/b.tflite") << "another";
  const auto two = make_segmenter({.model_name = folder}, {});
  ASSERT_FALSE(two);
  for (const char* word : {"a.onnx", "b.tflite"})
    EXPECT_NE(two.error().message.find(word), std::string::npos) << two.error().message;
  const auto none = make_segmenter({.model_name = std::filesystem::path(folder).parent_path().string()}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kUsage);
  expect_sentence(none.error());
}

TEST(OwnModel, AnEmptyDescriptionStatesNothing) {
  const DescribedModel model("a.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes());
  std::ofstream(model.path() + ".toml") << "";
  expect_asked_for(model, {"input.range"});
}

TEST(OwnModel, AWrongDescriptionIsNamed) {
  const DescribedModel model("a.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes(), "[input]\nrange = 1");
  const auto made = model.segmenter();
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(model.path() + ".toml"), std::string::npos) << made.error().message;
  expect_sentence(made.error());
}

TEST(OwnModel, NamesThatTheFileDoesNotHaveAreRefusedWithThoseItHas) {
  const auto bytes = mixer(Layout::kNchw, {1, 0, 0}).bytes();
  const DescribedModel model("a.onnx", bytes, "[input]\nrange = [0, 1]\ntensor = \"photo\"");
  const auto made = model.segmenter();
  ASSERT_FALSE(made);
  for (const char* word : {"photo", "picture"})
    EXPECT_NE(made.error().message.find(word), std::string::npos) << made.error().message;
  expect_sentence(made.error());
}

TEST(OwnModel, FreeSidesTakeTheSizeThatIsStated) {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("picture", {1, 3, 0, 0});
  builder.add_constant("weights", {1, 3, 1, 1}, std::vector<float>{1, 0, 0});
  builder.add_node("Conv", {"picture", "weights"}, "sum", {1, 1, 0, 0});
  builder.add_node("Sigmoid", {"sum"}, "mask", {1, 1, 0, 0});
  builder.add_output("mask", {1, 1, 0, 0});
  file.free_sides();
  expect_asked_for({"a.onnx", file.bytes()}, {"input.size", "input.range"});
  const DescribedModel fixed("a.onnx", file.bytes(), "[input]\nrange = [0, 1]\nsize = [32, 16]");
  const DescribedModel own("a.onnx", file.bytes(), "[input]\nrange = [0, 1]\nsize = \"frame\"\nmultiple = 10");
  for (const auto& [model, size] : {std::pair(&fixed, Size{32, 16}), std::pair(&own, Size{60, 40})}) {
    model->describe(model == &fixed ? "[input]\nrange = [0, 1]\nsize = [32, 16]"
                                    : "[input]\nrange = [0, 1]\nsize = \"frame\"\nmultiple = 10");
    const auto segmenter = model->segmenter();
    ASSERT_TRUE(segmenter) << segmenter.error().message;
    Confidence confidence;
    ASSERT_TRUE((*segmenter)->segment(plain_frame({64, 48}, kRed), confidence));
    EXPECT_EQ(confidence.size, size);
    EXPECT_NEAR(confidence.values[0], sigmoid(1), 0.01);
  }
}

TEST(OwnModel, OneOfSeveralChannelsAndOutputs) {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("picture", {1, 3, 4, 6});
  builder.add_constant("weights", {2, 3, 1, 1}, std::vector<float>{1, 0, 0, 0, 0, 0});
  builder.add_node("Conv", {"picture", "weights"}, "both", {1, 2, 4, 6});
  builder.add_node("Identity", {"both"}, "other", {1, 2, 4, 6});
  builder.add_output("both", {1, 2, 4, 6});
  builder.add_output("other", {1, 2, 4, 6});
  const std::string stated = "[input]\nrange = [0, 1]\n[output]\ntensor = \"both\"\nchannel = 0\n";
  expect_asked_for({"a.onnx", file.bytes()}, {"output.tensor", "both, other", "output.channel", "output.activation"});
  EXPECT_NEAR(first_confidence({"a.onnx", file.bytes(), stated + "activation = \"softmax\""}, kRed), sigmoid(1), 0.01);
  EXPECT_NEAR(first_confidence({"a.onnx", file.bytes(), stated + "activation = \"none\"\ninvert = true"}, kRed), 0,
              0.01);
}

/// Counts frames: the state that comes out is the one that went in plus the mean of red.
OnnxFileBuilder counter() {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("picture", {1, 3, 4, 6});
  builder.add_input("before", {1, 1, 4, 6});
  builder.add_constant("weights", {1, 3, 1, 1}, std::vector<float>{0.25F, 0, 0});
  builder.add_node("Conv", {"picture", "weights"}, "red", {1, 1, 4, 6});
  builder.add_node("Add", {"before", "red"}, "after", {1, 1, 4, 6});
  builder.add_node("Identity", {"after"}, "mask", {1, 1, 4, 6});
  builder.add_output("mask", {1, 1, 4, 6});
  builder.add_output("after", {1, 1, 4, 6});
  return file;
}

constexpr const char* kCounterToml =
    "[input]\nrange = [0, 1]\n[output]\ntensor = \"mask\"\nactivation = \"none\"\n[recurrent]\nstates = [[\"before\", "
    "\"after\"]]";

TEST(OwnModel, StatesLiveFromFrameToFrameUntilTheyAreForgotten) {
  const DescribedModel model("a.onnx", counter().bytes(), kCounterToml);
  const auto segmenter = model.segmenter();
  ASSERT_TRUE(segmenter) << segmenter.error().message;
  const auto next = [&](Size size) {
    Confidence confidence;
    EXPECT_TRUE((*segmenter)->segment(plain_frame(size, kRed), confidence));
    return confidence.values[0];
  };
  EXPECT_NEAR(next({64, 48}), 0.25, 0.01);
  EXPECT_NEAR(next({64, 48}), 0.5, 0.01);
  EXPECT_NEAR(next({64, 48}), 0.75, 0.01);
  (*segmenter)->reset();
  EXPECT_NEAR(next({64, 48}), 0.25, 0.01);
  EXPECT_NEAR(next({64, 48}), 0.5, 0.01);
  EXPECT_NEAR(next({32, 48}), 0.25, 0.01) << "another size of frames";
}

TEST(OwnModel, ANetworkThatGoesAstrayBeginsAnew) {
  const DescribedModel model("a.onnx", counter().bytes(), kCounterToml);
  const auto segmenter = model.segmenter();
  ASSERT_TRUE(segmenter);
  Confidence confidence;
  for (int i = 0; i < 4; ++i) ASSERT_TRUE((*segmenter)->segment(plain_frame({64, 48}, kRed), confidence)) << i;
  EXPECT_FALSE((*segmenter)->segment(plain_frame({64, 48}, kRed), confidence)) << "1.25 is no confidence";
  ASSERT_TRUE((*segmenter)->segment(plain_frame({64, 48}, kRed), confidence));
  EXPECT_NEAR(confidence.values[0], 0.25, 0.01);
}

/// The stand-in for a GPU that fails is a provider that this runtime cannot make ready.
TEST(OwnModel, WhereTheGpuFailsTheCpuTakesOver) {
  const DescribedModel model("a.onnx", mixer(Layout::kNchw, {1, 0, 0}).bytes(), "[input]\nrange = [0, 1]");
  auto loaded = load_model(model.path(), {}, {});
  ASSERT_TRUE(loaded);
  Engine engine = shared_engine();
  engine.provider = Provider::kCuda;
  engine.device = "the GPU of this test";
  std::vector<std::string> said;
  NetworkSegmenter segmenter(std::move(*loaded), engine,
                             Log([&](LogLevel, std::string_view text) { said.emplace_back(text); }));
  Confidence confidence;
  for (int i = 0; i < 3; ++i) {
    const auto done = segmenter.segment(plain_frame({64, 48}, kRed), confidence);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_NEAR(confidence.values[0], sigmoid(1), 0.01);
  }
  ASSERT_EQ(said.size(), 1U) << "it is said once";
  EXPECT_NE(said[0].find("the GPU of this test"), std::string::npos) << said[0];
  EXPECT_NE(segmenter.name().find("on the CPU"), std::string::npos);
}

TEST(OwnModel, AnInputThatNothingFeedsIsNamed) {
  expect_asked_for({"a.onnx", counter().bytes()}, {"recurrent.states", "before"});
  const DescribedModel model("a.onnx", counter().bytes(),
                             "[input]\nrange = [0, 1]\n[output]\ntensor = \"mask\"\nactivation = \"none\"\n"
                             "[recurrent]\nstates = []");
  const auto made = model.segmenter();
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("before"), std::string::npos) << made.error().message;
  expect_sentence(made.error());
}

TEST(OwnModel, ATfliteFileWithoutRangeMustBeDescribed) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 6, 3});
  const int filter = file.add_tensor("filter", {1, 1, 1, 3}, {0.5, 0, 0});
  const int bias = file.add_tensor("bias", {1}, {0});
  const int sum = file.add_tensor("sum", {1, 4, 6, 1});
  const int out = file.add_tensor("out", {1, 4, 6, 1});
  file.add_operator(tflite::BuiltinOperator::CONV_2D, {in, filter, bias}, {sum}, tflite::OperatorOptions::Conv2DOptions,
                    tflite::CreateConv2DOptions(file.raw(), tflite::Padding::SAME, 1, 1));
  file.add_operator(tflite::BuiltinOperator::LOGISTIC, {sum}, {out});
  const auto bytes = file.finish({in}, {out});
  expect_asked_for({"own.tflite", bytes}, {"input.range"});
  EXPECT_NEAR(first_confidence({"own.tflite", bytes, "[input]\nrange = [0, 2]"}, kRed), sigmoid(1), 0.01);
}

TEST(OwnModel, TheSelfieModelsAreKnownByTheirGraph) {
  for (const auto& [name, size] :
       {std::pair("selfie", Size{256, 256}), std::pair("selfie-landscape", Size{256, 144})}) {
    const auto file = open_model_file(model_path(name));
    ASSERT_TRUE(file) << file.error().message;
    const FeedGuess guess = guess_feed(**file);
    EXPECT_TRUE(guess.doubts.empty());
    EXPECT_EQ(guess.feed, find_model(name)->feed);
    EXPECT_EQ(guess.feed.input.size, size);
  }
}

TEST(OwnModel, RvmIsToldByTheNamesOfItsTensors) {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("src", {1, 3, 0, 0});
  for (const char* name : {"r1i", "r2i", "r3i", "r4i"}) builder.add_input(name, {1, 0, 0, 0});
  builder.add_input("downsample_ratio", {1});
  for (const char* name : {"fgr", "pha", "r1o", "r2o", "r3o", "r4o"}) {
    builder.add_node("Identity", {"src"}, name, {1, 0, 0, 0});
    builder.add_output(name, {1, 0, 0, 0});
  }
  file.free_sides();
  const TemporaryFile saved("rvm.onnx", file.bytes());
  const auto opened = open_model_file(saved.path());
  ASSERT_TRUE(opened) << opened.error().message;
  const FeedGuess guess = guess_feed(**opened);
  EXPECT_TRUE(guess.doubts.empty());
  EXPECT_EQ(guess.family, "Robust Video Matting");
  EXPECT_EQ(guess.feed.states.size(), 4U);
}

TEST(OwnModel, TheDownsampleRatioIsWhatItsAuthorsRecommend) {
  EXPECT_EQ(downsample_ratio_for({512, 512}), 1);
  EXPECT_EQ(downsample_ratio_for({320, 240}), 1);
  EXPECT_EQ(downsample_ratio_for({1280, 720}), 0.375);
  EXPECT_EQ(downsample_ratio_for({1920, 1080}), 0.25);
  EXPECT_EQ(downsample_ratio_for({1080, 1920}), 0.25);
  EXPECT_EQ(downsample_ratio_for({3840, 2160}), 0.125);
}

TEST(OwnModel, OtherEndingsAreRefused) {
  for (const char* path : {"models/own", "/etc/passwd", "./own.pt"}) {
    const auto made = make_segmenter({.model_name = path}, {});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kUsage);
    for (const char* word : {path, ".tflite", ".onnx", ".json"})
      EXPECT_NE(made.error().message.find(word), std::string::npos) << made.error().message;
    expect_sentence(made.error());
  }
}

}  // namespace
}  // namespace viba::test
