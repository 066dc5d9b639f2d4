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

/// How a file may write x * Clip(x + 3, 0, 6) / 6.
struct HardSwishForm {
  enum class Sixth { kOfInput, kOfGate, kOfProduct } sixth = Sixth::kOfProduct;
  bool divides = false, constants_first = false;
  float three = 3, low = 0, high = 6, six = 6;
  std::string also_read = {};  ///< a value that leaves the graph besides
};

onnx::Graph hard_swish(const HardSwishForm& form) {
  onnx::Graph graph;
  onnx::GraphBuilder builder(graph);
  const onnx::Shape shape{1, 8, 6, 5};
  const auto constant = [&](const std::string& name, const onnx::Shape& own_shape, float value) {
    builder.add_constant(name, own_shape, std::vector{value});
  };
  const auto binary = [&](const std::string& op, std::string a, std::string b, const std::string& output) {
    if (form.constants_first && op != "Div") std::swap(a, b);
    builder.add_node(op, {a, b}, output, shape);
  };
  const auto sixth = [&](const std::string& of, const std::string& output) {
    binary(form.divides ? "Div" : "Mul", of, "six", output);
  };
  builder.add_input("in", shape);
  constant("eight", {}, 8);
  constant("four", {}, -4);
  constant("three", {}, form.three);
  constant("low", {}, form.low);
  constant("high", {}, form.high);
  constant("six", {1, 1, 1, 1}, form.divides ? form.six : 1 / form.six);
  builder.add_node("Mul", {"in", "eight"}, "wide", shape);
  builder.add_node("Add", {"wide", "four"}, "x", shape);
  if (form.sixth == HardSwishForm::Sixth::kOfInput) sixth("x", "scaled");
  binary("Add", "x", "three", "sum");
  builder.add_node("Clip", {"sum", "low", "high"}, "clip", shape);
  if (form.sixth == HardSwishForm::Sixth::kOfInput) binary("Mul", "scaled", "clip", "out");
  if (form.sixth == HardSwishForm::Sixth::kOfGate) sixth("clip", "gate"), binary("Mul", "x", "gate", "out");
  if (form.sixth == HardSwishForm::Sixth::kOfProduct) binary("Mul", "x", "clip", "product"), sixth("product", "out");
  builder.add_output("out", shape);
  if (!form.also_read.empty()) builder.add_output(form.also_read, shape);
  return graph;
}

TEST(UseHardSigmoid, MakesAHardSwishOfEveryForm) {
  using Sixth = HardSwishForm::Sixth;
  for (const Sixth sixth : {Sixth::kOfInput, Sixth::kOfGate, Sixth::kOfProduct})
    for (const bool divides : {false, true})
      for (const bool constants_first : {false, true}) {
        const onnx::Graph before = hard_swish({sixth, divides, constants_first});
        onnx::Graph after = before;
        EXPECT_EQ(onnx::use_hard_sigmoid(after), 1);
        ASSERT_EQ(after.node_size(), 4);
        EXPECT_EQ(after.node(2).op_type(), "HardSigmoid");
        EXPECT_EQ(after.node(3).op_type(), "Mul");
        expect_same(before, after);
      }
}

TEST(UseHardSigmoid, LeavesOtherNumbers) {
  for (const HardSwishForm& form : {HardSwishForm{.three = 2.5F}, HardSwishForm{.low = -1}, HardSwishForm{.high = 5},
                                    HardSwishForm{.six = 3}, HardSwishForm{.divides = true, .six = 1 / 6.0F}}) {
    onnx::Graph graph = hard_swish(form);
    EXPECT_EQ(onnx::use_hard_sigmoid(graph), 0);
    EXPECT_EQ(graph.SerializeAsString(), hard_swish(form).SerializeAsString());
  }
}

TEST(UseHardSigmoid, LeavesWhatOthersRead) {
  using Sixth = HardSwishForm::Sixth;
  for (const auto& [sixth, value] : {std::pair{Sixth::kOfInput, "scaled"}, std::pair{Sixth::kOfInput, "sum"},
                                     std::pair{Sixth::kOfGate, "clip"}, std::pair{Sixth::kOfProduct, "product"}}) {
    onnx::Graph graph = hard_swish({.sixth = sixth, .also_read = value});
    EXPECT_EQ(onnx::use_hard_sigmoid(graph), 0) << value;
  }
}

/// A product of two gates is one of the places where two patterns meet.
TEST(UseHardSigmoid, ChangesNoNodeTwice) {
  const onnx::Shape shape{1, 2, 3, 4};
  onnx::Graph before;
  onnx::GraphBuilder builder(before);
  builder.add_input("in", shape);
  for (const auto& [name, value] : {std::pair{"three", 3.0F}, std::pair{"zero", 0.0F}, std::pair{"six", 6.0F}})
    builder.add_constant(name, {}, std::vector{value});
  for (const std::string gate : {"a", "b"}) {
    builder.add_node("Add", {"in", "three"}, gate + "3", shape);
    builder.add_node("Clip", {gate + "3", "zero", "six"}, gate, shape);
  }
  builder.add_node("Div", {"b", "six"}, "b6", shape);
  builder.add_node("Mul", {"a", "b6"}, "product", shape);
  builder.add_node("Div", {"product", "six"}, "out", shape);
  builder.add_output("out", shape);
  onnx::Graph after = before;
  EXPECT_EQ(onnx::use_hard_sigmoid(after), 1);
  expect_same(before, after);
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
    onnx::Graph all = before;
    EXPECT_EQ(onnx::rewrite(all), 13) << name;
    expect_same(before, all);
  }
}

}  // namespace
}  // namespace viba::test
