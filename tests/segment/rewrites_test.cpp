#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "onnx_subset.pb.h"
#include "segment/model_files.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_rewrites.h"
#include "segment/tflite_importer.h"

namespace viba::test {
namespace {

std::vector<float> noise(std::size_t count, float low, float high) {
  std::mt19937 random(7);
  std::vector<float> values(count);
  for (float& value : values) value = low + (high - low) * static_cast<float>(random() % 4096) / 4096;
  return values;
}

std::vector<float> run(const onnx::Graph& graph) {
  auto session = OnnxSession::create(shared_engine(), onnx::serialize(graph), "graph");
  EXPECT_TRUE(session) << session.error().message;
  const auto input = session->input_values(0);
  std::ranges::copy(noise(input.size(), 0, 1), input.begin());
  EXPECT_TRUE(session->run());
  return session->outputs()[0].values;
}

void expect_same(const onnx::Graph& before, const onnx::Graph& after) {
  const auto a = run(before), b = run(after);
  ASSERT_EQ(a.size(), b.size());
  float worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  EXPECT_LT(worst, 1e-4F);
}

/// Enlarges 6x5 of `channels` channels to 12x15 and makes `result_channels` of them.
onnx::Graph resize_and_conv(std::int64_t channels, std::int64_t result_channels, bool read_twice = false) {
  onnx::Graph graph;
  onnx::GraphBuilder builder(graph);
  builder.add_input("in", {1, channels, 6, 5});
  builder.add_constant("factors", {4}, std::vector<float>{1, 1, 2, 3});
  builder.add_constant("filter", {result_channels, channels, 1, 1},
                       noise(static_cast<std::size_t>(channels * result_channels), -1, 1));
  builder.add_constant("bias", {result_channels}, noise(static_cast<std::size_t>(result_channels), -1, 1));
  builder.add_node("Resize", {"in", "", "factors"}, "large", {1, channels, 12, 15},
                   {{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}});
  builder.add_node("Conv", {"large", "filter", "bias"}, "out", {1, result_channels, 12, 15},
                   {{"kernel_shape", std::vector<std::int64_t>{1, 1}}});
  builder.add_output("out", {1, result_channels, 12, 15});
  if (read_twice) builder.add_output("large", {1, channels, 12, 15});
  return graph;
}

TEST(SwapResizeAndConv, ConvolvesTheSmallPictureWithTheSameResult) {
  const onnx::Graph before = resize_and_conv(8, 3);
  onnx::Graph after = before;
  EXPECT_EQ(onnx::swap_resize_and_conv(after), 1);
  EXPECT_EQ(after.node(0).op_type(), "Conv");
  EXPECT_EQ(after.node(1).op_type(), "Resize");
  expect_same(before, after);
}

TEST(SwapResizeAndConv, BringsOneResizeBehindSeveralConvolutions) {
  onnx::Graph before = resize_and_conv(8, 6);
  before.clear_output();
  onnx::GraphBuilder builder(before);
  builder.add_constant("second filter", {2, 6, 1, 1}, noise(12, -1, 1));
  builder.add_node("Conv", {"out", "second filter"}, "second", {1, 2, 12, 15});
  builder.add_output("second", {1, 2, 12, 15});
  onnx::Graph after = before;
  EXPECT_EQ(onnx::swap_resize_and_conv(after), 2);
  EXPECT_EQ(after.node(2).op_type(), "Resize");
  expect_same(before, after);
}

TEST(SwapResizeAndConv, LeavesWhatOthersReadOrWhatWouldGrow) {
  onnx::Graph read_twice = resize_and_conv(8, 3, true);
  EXPECT_EQ(onnx::swap_resize_and_conv(read_twice), 0);
  onnx::Graph growing = resize_and_conv(3, 8);
  EXPECT_EQ(onnx::swap_resize_and_conv(growing), 0);
}

TEST(ExpandChannelScales, GivesTheSameProduct) {
  onnx::Graph before;
  onnx::GraphBuilder builder(before);
  builder.add_input("in", {1, 8, 6, 5});
  builder.add_node("GlobalAveragePool", {"in"}, "mean", {1, 8, 1, 1});
  builder.add_node("Mul", {"in", "mean"}, "product", {1, 8, 6, 5});
  builder.add_node("Mul", {"mean", "product"}, "out", {1, 8, 6, 5});
  builder.add_output("out", {1, 8, 6, 5});
  onnx::Graph after = before;
  EXPECT_EQ(onnx::expand_channel_scales(after), 2);
  expect_same(before, after);
}

TEST(ExpandChannelScales, LeavesProductsOfEqualSize) {
  onnx::Graph graph;
  onnx::GraphBuilder builder(graph);
  builder.add_input("in", {1, 8, 6, 5});
  builder.add_node("Mul", {"in", "in"}, "out", {1, 8, 6, 5});
  builder.add_output("out", {1, 8, 6, 5});
  EXPECT_EQ(onnx::expand_channel_scales(graph), 0);
}

TEST(Rewrites, ApplyToTheSelfieModelsAndKeepTheirResults) {
  for (const char* name : {"selfie", "selfie-landscape"}) {
    const auto model = tflite::read_model(model_path(name));
    ASSERT_TRUE(model) << model.error().message;
    onnx::Graph before;
    ASSERT_TRUE(tflite::import_model(*model, before));
    onnx::Graph swapped = before;
    EXPECT_EQ(onnx::swap_resize_and_conv(swapped), 3) << name;
    expect_same(before, swapped);
    onnx::Graph expanded = before;
    EXPECT_EQ(onnx::expand_channel_scales(expanded), 10) << name;
    expect_same(before, expanded);
  }
}

}  // namespace
}  // namespace viba::test
