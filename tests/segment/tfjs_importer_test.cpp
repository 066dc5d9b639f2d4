#include "segment/tfjs_importer.h"
#include "segment/onnx_graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "onnx_subset.pb.h"
#include "segment/tfjs_file_builder.h"

namespace viba::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Pointwise;

/// A picture with its channels innermost, as in TensorFlow.
struct Picture {
  int height = 0, width = 0, channels = 0;
  std::vector<float> values;
  [[nodiscard]] float at(int y, int x, int c) const {
    if (y < 0 || x < 0 || y >= height || x >= width) return 0;
    return values[static_cast<std::size_t>((y * width + x) * channels + c)];
  }
};

/// Numbers without a pattern, the same each time.
std::vector<float> noise(std::size_t count, float seed = 1) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = std::sin(seed + static_cast<float>(i) * 12.9898F);
  return values;
}

Picture noise_picture(int height, int width) {
  return {height, width, 3, noise(static_cast<std::size_t>(height * width * 3))};
}

Picture run(const TfjsFileBuilder& file, const Picture& input, const std::string& output = "out") {
  const auto model = file.read();
  EXPECT_TRUE(model) << model.error().message;
  onnx::Graph graph;
  const auto done = tfjs::import_model(*model, feed_all(*model, {input.width, input.height}, {output}), graph);
  EXPECT_TRUE(done) << done.error().message;
  if (!done) return {};
  auto session = OnnxSession::create(shared_engine(), onnx::serialize(graph), "small.json");
  EXPECT_TRUE(session) << session.error().message;
  const auto planes = session->input_values(0);
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i % 3 * (planes.size() / 3) + i / 3] = input.values[i];
  EXPECT_TRUE(session->run());
  const OnnxTensor& result = session->outputs()[0];
  Picture picture{static_cast<int>(result.shape[2]), static_cast<int>(result.shape[3]),
                  static_cast<int>(result.shape[1]), std::vector<float>(result.values.size())};
  const auto channels = static_cast<std::size_t>(picture.channels);
  const std::size_t cells = result.values.size() / channels;
  for (std::size_t i = 0; i < result.values.size(); ++i)
    picture.values[i % cells * channels + i / cells] = result.values[i];
  return picture;
}

Error refusal_of(const TfjsFileBuilder& file, Size input = {8, 8}) {
  const auto model = file.read();
  if (!model) return model.error();
  onnx::Graph graph;
  const auto done = tfjs::import_model(*model, feed_all(*model, input, {"out"}), graph);
  return done ? Error{ErrorCode::kInternal, ""} : done.error();
}

void expect_says(const Error& error, ErrorCode code, std::initializer_list<std::string_view> words) {
  EXPECT_EQ(error.code, code) << error.message;
  for (const auto word : words) EXPECT_NE(error.message.find(word), std::string::npos) << error.message;
  expect_sentence(error);
}

/// Straight from the definition. `depthwise`: filters of height x width x channels x results each.
Picture convolved(const Picture& in, const std::vector<float>& filter, int side, int results, bool depthwise,
                  int stride, int before, int out_height, int out_width) {
  Picture out{out_height, out_width, depthwise ? in.channels * results : results, {}};
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int k = 0; k < out.channels; ++k) {
        float sum = 0;
        for (int dy = 0; dy < side; ++dy)
          for (int dx = 0; dx < side; ++dx)
            for (int c = 0; c < in.channels; ++c) {
              if (depthwise && c != k / results) continue;
              const int result = depthwise ? k % results : k;
              const int place = ((dy * side + dx) * in.channels + c) * results + result;
              sum += in.at(y * stride + dy - before, x * stride + dx - before, c) *
                     filter[static_cast<std::size_t>(place)];
            }
        out.values.push_back(sum);
      }
  return out;
}

void expect_same(const Picture& picture, const Picture& expected) {
  EXPECT_EQ(picture.height, expected.height);
  EXPECT_EQ(picture.width, expected.width);
  EXPECT_EQ(picture.channels, expected.channels);
  EXPECT_THAT(picture.values, Pointwise(FloatNear(1e-5F), expected.values));
}

TEST(TfjsImporter, ConvolutionsAgreeWithTheirDefinition) {
  const Picture in = noise_picture(9, 7);
  const auto filter = noise(3 * 3 * 3 * 2, 5);
  for (const bool depthwise : {false, true}) {
    const std::string op = depthwise ? "DepthwiseConv2dNative" : "Conv2D";
    for (const int stride : {1, 2}) {
      TfjsFileBuilder file;
      file.add_input();
      file.add_constant("filter", {3, 3, 3, 2}, filter);
      file.add_node("same", op, {"in", "filter"}, TfjsFileBuilder::window("SAME", stride));
      file.add_node("valid", op, {"in", "filter"}, TfjsFileBuilder::window("VALID", stride));
      const auto out = [&](int side) { return (side + stride - 1) / stride; };
      expect_same(run(file, in, "same"), convolved(in, filter, 3, 2, depthwise, stride, 1, out(9), out(7)));
      expect_same(run(file, in, "valid"), convolved(in, filter, 3, 2, depthwise, stride, 0, out(7), out(5)));
    }
  }
}

/// Deals out, convolves and gathers, literally.
Picture convolved_in_blocks(const Picture& in, const std::vector<float>& filter, int block, int before, int after,
                            int crop_before, int crop_after) {
  const int height = in.height + before + after;
  const int width = in.width + before + after;
  Picture whole{height - 2 * block, width - 2 * block, 3, {}};
  whole.values.resize(static_cast<std::size_t>(whole.height * whole.width * 3));
  for (int phase = 0; phase < block * block; ++phase) {
    const int top = phase / block;
    const int left = phase % block;
    Picture dealt{height / block, width / block, 3, {}};
    for (int y = 0; y < dealt.height; ++y)
      for (int x = 0; x < dealt.width; ++x)
        for (int c = 0; c < 3; ++c)
          dealt.values.push_back(in.at(y * block + top - before, x * block + left - before, c));
    const Picture small = convolved(dealt, filter, 3, 1, true, 1, 0, dealt.height - 2, dealt.width - 2);
    for (int y = 0; y < small.height; ++y)
      for (int x = 0; x < small.width; ++x)
        for (int c = 0; c < 3; ++c)
          whole.values[static_cast<std::size_t>(((y * block + top) * whole.width + x * block + left) * 3 + c)] =
              small.at(y, x, c);
  }
  Picture out{whole.height - crop_before - crop_after, whole.width - crop_before - crop_after, 3, {}};
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int c = 0; c < 3; ++c) out.values.push_back(whole.at(y + crop_before, x + crop_before, c));
  return out;
}

void add_dilated(TfjsFileBuilder& file, const std::vector<float>& filter, int before, int after, int crop) {
  file.add_input();
  file.add_constant("filter", {3, 3, 3, 1}, filter);
  file.add_integers("block", {2}, {2, 2});
  file.add_integers("pads", {2, 2}, {before, after, before, after});
  file.add_integers("crops", {2, 2}, {0, crop, 0, crop});
  file.add_node("dealt", "SpaceToBatchND", {"in", "block", "pads"});
  file.add_node("small", "DepthwiseConv2dNative", {"dealt", "filter"}, TfjsFileBuilder::window("VALID"));
  file.add_node("out", "BatchToSpaceND", {"small", "block", "crops"});
}

TEST(TfjsImporter, AConvolutionInBlocksBecomesADilatedOne) {
  const Picture in = noise_picture(9, 9);
  const auto filter = noise(3 * 3 * 3, 7);
  TfjsFileBuilder file;
  add_dilated(file, filter, 2, 3, 1);
  expect_same(run(file, in), convolved_in_blocks(in, filter, 2, 2, 3, 0, 1));
}

TEST(TfjsImporter, BlocksThatFitNoPatternAreRefused) {
  TfjsFileBuilder file;
  add_dilated(file, noise(27), 0, 0, 1);
  expect_says(refusal_of(file), ErrorCode::kUnsupported, {"BatchToSpaceND", "\"out\"", "small.json"});
}

TEST(TfjsImporter, FusedConvolutionsAddTheBiasAndCut) {
  const Picture in{1, 3, 3, {1, 0, 0, 4, 0, 0, -9, 0, 0}};
  for (const auto& [activation, expected] : std::vector<std::pair<std::string, std::vector<float>>>{
           {"", {3, 9, -17}}, {"Relu", {3, 9, 0}}, {"Relu6", {3, 6, 0}}}) {
    TfjsFileBuilder file;
    file.add_input();
    file.add_constant("filter", {1, 1, 3, 1}, {2, 0, 0});
    file.add_constant("bias", {1}, {1});
    auto attributes = TfjsFileBuilder::window("SAME");
    attributes["fused_ops"] = TfjsFileBuilder::texts(
        activation.empty() ? std::vector<std::string>{"BiasAdd"} : std::vector<std::string>{"BiasAdd", activation});
    file.add_node("out", "_FusedConv2D", {"in", "filter", "bias"}, attributes);
    EXPECT_EQ(run(file, in).values, expected);
  }
}

/// Straight from the definition: each pixel of `in` adds its filter to what comes out.
TEST(TfjsImporter, TransposedConvolutionsAreThoseOfTheirDefinition) {
  struct Case {
    const char* padding;
    int side, stride, in, out, before;
  };
  for (const auto& [padding, side, stride, in_side, out_side, before] : {Case{"SAME", 2, 2, 3, 6, 0},
                                                                         {"SAME", 3, 2, 3, 5, 1},
                                                                         {"SAME", 3, 2, 3, 6, 0},
                                                                         {"SAME", 2, 3, 3, 9, 0},
                                                                         {"VALID", 3, 2, 3, 7, 0},
                                                                         {"VALID", 3, 2, 3, 8, 0}}) {
    const Picture in = noise_picture(in_side, in_side);
    const auto filter = noise(static_cast<std::size_t>(side * side * 2 * 3), 3);
    Picture expected{out_side, out_side, 2, std::vector<float>(static_cast<std::size_t>(out_side * out_side * 2))};
    for (int y = 0; y < in_side; ++y)
      for (int x = 0; x < in_side; ++x)
        for (int i = 0; i < side; ++i)
          for (int j = 0; j < side; ++j)
            for (int result = 0; result < 2; ++result)
              for (int channel = 0; channel < 3; ++channel) {
                const int row = y * stride - before + i;
                const int column = x * stride - before + j;
                if (row < 0 || column < 0 || row >= out_side || column >= out_side) continue;
                expected.values[static_cast<std::size_t>((row * out_side + column) * 2 + result)] +=
                    in.values[static_cast<std::size_t>((y * in_side + x) * 3 + channel)] *
                    filter[static_cast<std::size_t>(((i * side + j) * 2 + result) * 3 + channel)];
              }
    TfjsFileBuilder file;
    file.add_input();
    file.add_integers("size", {4}, {1, out_side, out_side, 2});
    file.add_constant("filter", {side, side, 2, 3}, filter);
    file.add_node("out", "Conv2DBackpropInput", {"size", "filter", "in"}, TfjsFileBuilder::window(padding, stride));
    const Picture out = run(file, in);
    ASSERT_EQ(out.height, out_side) << padding << side << stride;
    ASSERT_EQ(out.values.size(), expected.values.size());
    for (std::size_t i = 0; i < out.values.size(); ++i)
      ASSERT_NEAR(out.values[i], expected.values[i], 1e-4) << padding << side << stride << " " << i;
  }
}

TEST(TfjsImporter, TransposedConvolutionsThatContradictAreRefused) {
  for (const auto& size : std::vector<std::vector<std::int32_t>>{
           {1, 16, 16, 3}, {1, 9, 16, 2}, {1, -1, 16, 2}, {1, 16, 2000000000, 2}, {16, 16, 2}}) {
    TfjsFileBuilder file;
    file.add_input();
    file.add_integers("size", {static_cast<int>(size.size())}, size);
    file.add_constant("filter", {2, 2, 2, 3}, noise(24));
    file.add_node("out", "Conv2DBackpropInput", {"size", "filter", "in"}, TfjsFileBuilder::window("SAME", 2));
    expect_says(refusal_of(file), ErrorCode::kBadData, {"Conv2DBackpropInput", "fit"});
  }
}

TEST(TfjsImporter, SumsOfManyPictures) {
  const Picture in = noise_picture(3, 3);
  TfjsFileBuilder file;
  file.add_input();
  file.add_node("positive", "Relu", {"in"});
  file.add_node("out", "AddN", {"in", "positive", "in"});
  const Picture out = run(file, in);
  for (std::size_t i = 0; i < in.values.size(); ++i)
    EXPECT_NEAR(out.values[i], 2 * in.values[i] + std::max(in.values[i], 0.0F), 1e-5);
}

/// The beginning of a residual network: padded stem, pooling, a shortcut and a sum.
TEST(TfjsImporter, AResidualBlockAgreesWithItsDefinition) {
  const Picture in = noise_picture(9, 9);
  const auto filter = noise(7 * 7 * 3 * 2, 3);
  TfjsFileBuilder file;
  file.add_input();
  file.add_integers("pads", {4, 2}, {0, 0, 3, 3, 3, 3, 0, 0});
  file.add_constant("filter", {7, 7, 3, 2}, filter);
  file.add_constant("twice", {1, 1, 2, 2}, {2, 0, 0, 2});
  file.add_constant("shift", {2}, {0.5, -0.25});
  file.add_node("padded", "Pad", {"in", "pads"});
  file.add_node("stem", "Conv2D", {"padded", "filter"}, TfjsFileBuilder::window("VALID", 2));
  auto pooling = TfjsFileBuilder::window("SAME", 2);
  pooling["ksize"] = TfjsFileBuilder::numbers({1, 3, 3, 1});
  file.add_node("pooled", "MaxPool", {"stem", "^stem"}, pooling);
  file.add_node("branch", "Conv2D", {"pooled", "twice"}, TfjsFileBuilder::window("SAME"));
  file.add_node("biased", "BiasAdd", {"branch:0", "shift"});
  file.add_node("sum", "AddV2", {"pooled", "biased"});
  file.add_node("out", "Relu", {"sum"});
  const Picture stem = convolved(in, filter, 7, 2, false, 2, 3, 5, 5);
  Picture expected{3, 3, 2, {}};
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 3; ++x)
      for (int c = 0; c < 2; ++c) {
        float highest = -1e9F;
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx)
            if (const int v = 2 * y + dy, u = 2 * x + dx; v >= 0 && u >= 0 && v < 5 && u < 5)
              highest = std::max(highest, stem.at(v, u, c));
        expected.values.push_back(std::max(0.0F, highest * 3 + (c == 0 ? 0.5F : -0.25F)));
      }
  expect_same(run(file, in), expected);
}

TEST(TfjsImporter, PoolingLeavesThePaddingOutOfMeans) {
  TfjsFileBuilder file;
  file.add_input();
  auto pooling = TfjsFileBuilder::window("SAME", 2);
  pooling["ksize"] = TfjsFileBuilder::numbers({1, 2, 2, 1});
  file.add_node("out", "AvgPool", {"in"}, pooling);
  EXPECT_THAT(run(file, {1, 3, 3, {1, 2, 3, 3, 4, 5, 7, 8, 9}}).values, ElementsAre(2, 3, 4, 7, 8, 9));
}

TEST(TfjsImporter, ConstantsAreSpreadOverPictures) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_constant("three", {}, {3});
  file.add_constant("channels", {3}, {1, 10, 100});
  file.add_constant("columns", {2, 1}, {1, -1});
  file.add_constant("low", {1, 1, 1, 1}, {-50});
  file.add_node("a", "Sub", {"three", "in"});
  file.add_node("b", "Mul", {"a", "channels"});
  file.add_node("c", "Mul", {"b", "columns"});
  file.add_node("d", "Identity", {"c"});
  file.add_node("e", "Maximum", {"d", "low"});
  file.add_node("out", "Minimum", {"e", "channels"});
  EXPECT_THAT(run(file, {1, 2, 3, {1, 1, 1, 2, 2, 2}}).values, ElementsAre(1, 10, 100, -1, -10, -50));
}

TEST(TfjsImporter, SigmoidAndRelu6) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_node("cut", "Relu6", {"in"});
  file.add_node("out", "Sigmoid", {"cut"});
  EXPECT_THAT(run(file, {1, 1, 3, {-1, 0, 7}}).values, Pointwise(FloatNear(1e-5F), {0.5F, 0.5F, 0.997527F}));
}

TEST(TfjsImporter, WhatNoOutputNeedsMayBeAnything) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_node("odd", "Wonder", {"nowhere"});
  file.add_node("out", "Relu", {"in"});
  EXPECT_THAT(run(file, {1, 1, 3, {1, -2, 3}}).values, ElementsAre(1, 0, 3));
}

TEST(TfjsImporter, AnUnknownOperatorIsNamedWithNodeAndFile) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_node("out", "Won\nder", {"in"});
  expect_says(refusal_of(file), ErrorCode::kUnsupported, {"Won?der", "\"out\"", "small.json"});
}

TEST(TfjsImporter, ACycleIsNamed) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_node("a", "Add", {"in", "b"});
  file.add_node("b", "Relu", {"a"});
  file.add_node("out", "Relu", {"b"});
  expect_says(refusal_of(file), ErrorCode::kBadData, {"from itself", "small.json"});
}

TEST(TfjsImporter, AChainOfAnyLengthIsWalked) {
  TfjsFileBuilder file;
  file.add_input();
  for (int i = 0; i < 3990; ++i)
    file.add_node(i == 3989 ? "out" : "r" + std::to_string(i), "Identity",
                  {i == 0 ? "in" : "r" + std::to_string(i - 1)});
  expect_says(refusal_of(file), ErrorCode::kUnsupported, {"not computed"});
}

TEST(TfjsImporter, AMissingInputIsNamed) {
  TfjsFileBuilder file;
  file.add_node("out", "Relu", {"nowhere"});
  expect_says(refusal_of(file), ErrorCode::kBadData, {"\"out\"", "\"nowhere\"", "small.json"});
}

TEST(TfjsImporter, AMissingOutputIsNamed) {
  TfjsFileBuilder file;
  file.add_input();
  expect_says(refusal_of(file), ErrorCode::kUnsupported, {"\"out\"", "small.json"});
}

TEST(TfjsImporter, TwoNodesOfOneNameAreRefused) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_input();
  file.add_node("out", "Relu", {"in"});
  expect_says(refusal_of(file), ErrorCode::kBadData, {"two nodes", "\"in\""});
}

Result<void> imported(const TfjsFileBuilder& file, const tfjs::ImportSettings& settings) {
  const auto model = file.read();
  if (!model) return tl::unexpected(model.error());
  onnx::Graph graph;
  return tfjs::import_model(*model, settings, graph);
}

TEST(TfjsImporter, AnInputThatNothingIsGivenForIsNamed) {
  TfjsFileBuilder file;
  file.add_input("a");
  file.add_input("b");
  file.add_node("out", "Add", {"a", "b"});
  const auto done = imported(file, {.inputs = {{"a", {1, 8, 8, 3}}}, .outputs = {"out"}});
  ASSERT_FALSE(done);
  expect_says(done.error(), ErrorCode::kUnsupported, {"\"b\"", "nothing is given"});
}

TEST(TfjsImporter, InputsThatTheModelDoesNotHaveAreNamed) {
  TfjsFileBuilder file;
  file.add_input("a");
  file.add_node("out", "Relu", {"a"});
  for (const tfjs::ImportSettings& settings :
       {tfjs::ImportSettings{.inputs = {{"wrong", {1, 8, 8, 3}}}, .outputs = {"out"}},
        tfjs::ImportSettings{.inputs = {{"out", {1, 8, 8, 3}}}, .outputs = {"out"}},
        tfjs::ImportSettings{.inputs = {{"a", {1, 8, 8, 3}}}, .constants = {{"wrong", 1.0F}}, .outputs = {"out"}}}) {
    const auto done = imported(file, settings);
    ASSERT_FALSE(done);
    expect_says(done.error(), ErrorCode::kUnsupported, {"no input called", "small.json"});
  }
}

TEST(TfjsImporter, InputsThatAreNoPicturesAreRefused) {
  TfjsFileBuilder file;
  file.add_input("a");
  file.add_node("out", "Relu", {"a"});
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{
           {}, {3}, {1, 8, 8}, {2, 8, 8, 3}, {1, 0, 8, 3}, {1, -8, -8, 3}, {1, 1 << 20, 1 << 20, 1 << 30}}) {
    const auto done = imported(file, {.inputs = {{"a", shape}}, .outputs = {"out"}});
    ASSERT_FALSE(done);
    expect_says(done.error(), ErrorCode::kUnsupported, {"\"a\"", "shape"});
  }
}

TEST(TfjsImporter, InputsKeepTheirOrderEvenWhenNothingNeedsThem) {
  TfjsFileBuilder file;
  file.add_input("a");
  file.add_input("b");
  file.add_input("c");
  file.add_node("out", "Relu", {"a"});
  const auto model = file.read();
  ASSERT_TRUE(model);
  onnx::Graph graph;
  ASSERT_TRUE(tfjs::import_model(
      *model, {.inputs = {{"c", {1, 1, 1, 7}}, {"b", {1, 4, 2, 5}}, {"a", {1, 8, 8, 3}}}, .outputs = {"out"}}, graph));
  const auto session = OnnxSession::create(shared_engine(), onnx::serialize(graph), "small.json");
  ASSERT_TRUE(session) << session.error().message;
  ASSERT_EQ(session->inputs().size(), 3U);
  EXPECT_THAT(session->inputs()[0].shape, ElementsAre(1, 7, 1, 1));
  EXPECT_THAT(session->inputs()[1].shape, ElementsAre(1, 5, 4, 2));
  EXPECT_THAT(session->inputs()[2].shape, ElementsAre(1, 3, 8, 8));
}

TEST(TfjsImporter, AnInputOfAnotherShapeIsRefused) {
  TfjsFileBuilder file;
  const auto side = [](int size) { return Json{{"size", std::to_string(size)}}; };
  file.add_node("in", "Placeholder", {}, {{"shape", {{"shape", {{"dim", {side(1), side(-1), side(16), side(3)}}}}}}});
  file.add_node("out", "Relu", {"in"});
  expect_says(refusal_of(file), ErrorCode::kUnsupported, {"\"in\"", "8x8"});
  EXPECT_EQ(refusal_of(file, {16, 8}).message, "");
}

TEST(TfjsImporter, ShapesThatContradictAreRefused) {
  const auto refusal = [](const auto& add) {
    TfjsFileBuilder file;
    file.add_input();
    file.add_constant("five", {5}, noise(5));
    file.add_constant("filter", {3, 3, 5, 1}, noise(45));
    file.add_constant("large", {9, 9, 3, 1}, noise(243));
    file.add_integers("pads", {4, 2}, {0, 0, -1, 0, 0, 0, 0, 0});
    add(file);
    return refusal_of(file);
  };
  const auto window = TfjsFileBuilder::window;
  expect_says(refusal([](auto& file) {
                file.add_node("out", "BiasAdd", {"in", "five"});
              }),
              ErrorCode::kBadData, {"different sizes"});
  expect_says(refusal([&](auto& file) {
                file.add_node("out", "Conv2D", {"in", "filter"}, window("SAME", 1, 1));
              }),
              ErrorCode::kBadData, {"channels"});
  expect_says(refusal([&](auto& file) {
                file.add_node("out", "Conv2D", {"in", "large"}, window("VALID", 1, 1));
              }),
              ErrorCode::kUnsupported, {"without pixels"});
  expect_says(refusal([&](auto& file) {
                file.add_node("out", "Conv2D", {"in", "large"}, window("SAME", 0, 1));
              }),
              ErrorCode::kBadData, {"out of range"});
  expect_says(refusal([&](auto& file) {
                file.add_node("out", "Conv2D", {"in", "large"}, window("ODD", 1, 1));
              }),
              ErrorCode::kUnsupported, {"padding"});
  expect_says(refusal([&](auto& file) {
                file.add_node("out", "Conv2D", {"in", "in"}, window("SAME", 1, 1));
              }),
              ErrorCode::kUnsupported, {"constant"});
  expect_says(refusal([](auto& file) { file.add_node("out", "Conv2D", {"in"}); }), ErrorCode::kBadData, {"too few"});
  expect_says(refusal([](auto& file) {
                file.add_node("out", "Pad", {"in", "pads"});
              }),
              ErrorCode::kBadData, {"out of range"});
  expect_says(refusal([](auto& file) { file.add_node("out", "Relu", {"five"}); }), ErrorCode::kUnsupported,
              {"to be a picture"});
  expect_says(refusal([](auto& file) {
                file.add_node("out", "Add", {"five", "five"});
              }),
              ErrorCode::kUnsupported, {"not computed"});
  expect_says(refusal([](auto& file) {
                file.add_node("out", "BiasAdd", {"in", "five"}, {{"data_format", TfjsFileBuilder::text("NCHW")}});
              }),
              ErrorCode::kUnsupported, {"innermost"});
}

TEST(TfjsImporter, PicturesThatAreTooLargeTogetherAreRefused) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_constant("filter", {1, 1, 3, 60}, noise(180));
  std::vector<std::string> branches;
  for (int i = 0; i < 4; ++i) {
    branches.push_back("branch" + std::to_string(i));
    file.add_node(branches.back(), "Conv2D", {"in", "filter"}, TfjsFileBuilder::window("SAME"));
  }
  file.add_node("a", "Add", {branches[0], branches[1]});
  file.add_node("b", "Add", {branches[2], branches[3]});
  file.add_node("out", "Add", {"a", "b"});
  expect_says(refusal_of(file, {1000, 1000}), ErrorCode::kUnsupported, {"memory"});
  expect_says(refusal_of(file, {2000, 1000}), ErrorCode::kUnsupported, {"memory", "\"branch0\""});
  EXPECT_EQ(refusal_of(file, {300, 300}).message, "");
}

TEST(TfjsImporter, AWeightThatManyShareIsNotCopiedWithoutEnd) {
  TfjsFileBuilder file;
  file.add_input();
  file.add_quantized("filter", {1, 1, 3, 1 << 20}, "float32", {{"dtype", "uint8"}, {"scale", 1}, {"min", 0}},
                     std::vector<std::uint8_t>(3 << 20));
  std::string last = "in";
  for (int i = 0; i < 30; ++i) {
    file.add_node("a" + std::to_string(i), "Conv2D", {"in", "filter"}, TfjsFileBuilder::window("SAME"));
    file.add_node("b" + std::to_string(i), "Add", {"a" + std::to_string(i), i == 0 ? "a0" : last});
    last = "b" + std::to_string(i);
  }
  file.add_node("out", "Relu", {last});
  expect_says(refusal_of(file, {1, 1}), ErrorCode::kUnsupported, {"memory"});
}

}  // namespace
}  // namespace viba::test
