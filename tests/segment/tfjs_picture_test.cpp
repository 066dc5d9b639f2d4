#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "segment/tfjs_runner.h"

/// Operators on pictures, against their definitions.
namespace viba::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

TfjsFileBuilder with_input() {
  TfjsFileBuilder file;
  file.add_input();
  return file;
}

Tensor of_one(const std::string& op, const Tensor& in) {
  TfjsFileBuilder file = with_input();
  file.add_node("out", op, {"in"});
  return run_small(file, in);
}

TEST(TfjsPicture, NumberByNumber) {
  const Tensor in{{1, 1, 2, 2}, {0, 0.5F, -1, 2}};
  EXPECT_THAT(of_one("Tanh", in).values,
              Pointwise(FloatNear(1e-6F), {0.0F, std::tanh(0.5F), std::tanh(-1.0F), std::tanh(2.0F)}));
  EXPECT_THAT(of_one("Square", in).values, ElementsAre(0, 0.25F, 1, 4));
  TfjsFileBuilder file = with_input();
  file.add_constant("divisor", {2}, {4, 0.5F});
  file.add_node("out", "RealDiv", {"in", "divisor"});
  EXPECT_THAT(run_small(file, in).values, ElementsAre(0, 1, -0.25F, 4));
}

TEST(TfjsPicture, MeansOverAnyAxes) {
  const Tensor in{{1, 2, 2, 2}, {1, 10, 2, 20, 3, 30, 6, 60}};
  const auto mean = [&](const std::vector<std::int32_t>& axes) {
    TfjsFileBuilder file = with_input();
    file.add_integers("axes", {static_cast<int>(axes.size())}, axes);
    file.add_node("sum", "Add", {"in", "in"});
    file.add_node("mean", "Mean", {"sum", "axes"}, {{"keep_dims", {{"b", true}}}});
    file.add_node("out", "Relu", {"mean"});
    return run_small(file, in).values;
  };
  EXPECT_THAT(mean({1, 2}), ElementsAre(6, 60));
  EXPECT_THAT(mean({-2, -3}), ElementsAre(6, 60));
  EXPECT_THAT(mean({1}), ElementsAre(4, 40, 8, 80));
  EXPECT_THAT(mean({2}), ElementsAre(3, 30, 9, 90));
  EXPECT_THAT(mean({-1}), ElementsAre(11, 22, 33, 66));
  EXPECT_THAT(mean({1, 2, 3}), ElementsAre(33));
  EXPECT_THAT(mean({0}), ElementsAre(2, 20, 4, 40, 6, 60, 12, 120));
}

/// Straight from TensorFlow's definition.
Tensor resized(const Tensor& in, std::int64_t height, std::int64_t width, bool centers, bool corners) {
  const auto place = [&](std::int64_t i, std::int64_t from, std::int64_t to) {
    const auto ratio = corners && to > 1 ? static_cast<double>(from - 1) / static_cast<double>(to - 1)
                                         : static_cast<double>(from) / static_cast<double>(to);
    const auto exact = centers ? (static_cast<double>(i) + 0.5) * ratio - 0.5 : static_cast<double>(i) * ratio;
    return std::clamp(exact, 0.0, static_cast<double>(from - 1));
  };
  Tensor out{{1, height, width, in.shape[3]}, {}};
  for (std::int64_t y = 0; y < height; ++y)
    for (std::int64_t x = 0; x < width; ++x)
      for (std::int64_t c = 0; c < in.shape[3]; ++c) {
        const double v = place(y, in.shape[1], height);
        const double u = place(x, in.shape[2], width);
        const auto top = static_cast<std::int64_t>(v);
        const auto left = static_cast<std::int64_t>(u);
        const auto bottom = std::min(top + 1, in.shape[1] - 1);
        const auto right = std::min(left + 1, in.shape[2] - 1);
        const double dy = v - static_cast<double>(top);
        const double dx = u - static_cast<double>(left);
        out.values.push_back(
            static_cast<float>((in.at(top, left, c) * (1 - dx) + in.at(top, right, c) * dx) * (1 - dy) +
                               (in.at(bottom, left, c) * (1 - dx) + in.at(bottom, right, c) * dx) * dy));
      }
  return out;
}

TEST(TfjsPicture, ResizesByAllThreeDefinitions) {
  const Tensor in = noise_tensor({1, 5, 4, 2});
  for (const auto& [centers, corners] : {std::pair{true, false}, {false, true}, {false, false}})
    for (const auto& [height, width] : {std::pair{10, 8}, {7, 9}, {3, 2}, {5, 4}, {1, 1}}) {
      TfjsFileBuilder file = with_input();
      file.add_integers("size", {2}, {height, width});
      file.add_node("resized", "ResizeBilinear", {"in", "size"},
                    {{"half_pixel_centers", {{"b", centers}}}, {"align_corners", {{"b", corners}}}});
      file.add_node("out", "Tanh", {"resized"});
      Tensor expected = resized(in, height, width, centers, corners);
      for (float& x : expected.values) x = std::tanh(x);
      const Tensor out = run_small(file, in);
      EXPECT_EQ(out.shape, expected.shape);
      EXPECT_THAT(out.values, Pointwise(FloatNear(1e-5F), expected.values))
          << centers << corners << " " << height << "x" << width;
    }
}

TEST(TfjsPicture, ArePutBesideEachOtherAlongAnyAxis) {
  const Tensor in{{1, 1, 2, 2}, {1, 2, 3, 4}};
  const auto joined = [&](int axis) {
    TfjsFileBuilder file = with_input();
    file.add_integers("axis", {}, {axis});
    file.add_constant("low", {1, 1, 2, 2}, {-1, -2, -3, -4});
    file.add_node("out", "ConcatV2", {"in", "low", "axis"});
    return run_small(file, in);
  };
  EXPECT_THAT(joined(1).shape, ElementsAre(1, 2, 2, 2));
  EXPECT_THAT(joined(1).values, ElementsAre(1, 2, 3, 4, -1, -2, -3, -4));
  EXPECT_THAT(joined(2).values, ElementsAre(1, 2, 3, 4, -1, -2, -3, -4));
  EXPECT_THAT(joined(2).shape, ElementsAre(1, 1, 4, 2));
  EXPECT_THAT(joined(-1).values, ElementsAre(1, 2, -1, -2, 3, 4, -3, -4));
}

TEST(TfjsPicture, ASliceIsTakenOutOfThem) {
  const Tensor in = noise_tensor({1, 4, 5, 3});
  TfjsFileBuilder file = with_input();
  file.add_integers("begin", {4}, {0, 1, 2, 1});
  file.add_integers("count", {4}, {-1, 2, -1, 2});
  file.add_node("out", "Slice", {"in", "begin", "count"});
  const Tensor out = run_small(file, in);
  ASSERT_THAT(out.shape, ElementsAre(1, 2, 3, 2));
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 3; ++x)
      for (int c = 0; c < 2; ++c) EXPECT_EQ(out.at(y, x, c), in.at(y + 1, x + 2, c + 1));
}

TEST(TfjsPicture, PartsAreTakenByNumber) {
  TfjsFileBuilder file = with_input();
  file.add_integers("axis", {}, {-1});
  file.add_integers("lengths", {2}, {3, 1});
  file.add_node("halves", "Split", {"axis", "in"}, {{"num_split", {{"i", "2"}}}});
  file.add_node("uneven", "SplitV", {"in", "lengths", "axis"});
  const Tensor in{{1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}};
  const auto parts = TfjsNetwork(imported_graph(file, {.inputs = {{"in", in.shape}},
                                                       .outputs = {"halves:1", "halves", "uneven", "uneven:1"}}))
                         .run({in});
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_THAT(parts[0].values, ElementsAre(3, 4, 7, 8));
  EXPECT_THAT(parts[1].values, ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(parts[2].values, ElementsAre(1, 2, 3, 5, 6, 7));
  EXPECT_THAT(parts[3].values, ElementsAre(4, 8));
  EXPECT_THAT(import_error(file, {.inputs = {{"in", in.shape}}, .outputs = {"halves:2"}}).message,
              HasSubstr("halves:2"));
}

TEST(TfjsPicture, SidesOfOneAreSpread) {
  TfjsFileBuilder file = with_input();
  file.add_integers("shape", {4}, {1, 2, 2, 2});
  file.add_node("out", "BroadcastTo", {"in", "shape"});
  EXPECT_THAT(run_small(file, {{1, 1, 2, 1}, {3, 4}}).values, ElementsAre(3, 3, 4, 4, 3, 3, 4, 4));
}

TEST(TfjsPicture, OneValueMayLeaveTwice) {
  TfjsFileBuilder file = with_input();
  file.add_node("a", "Relu", {"in"});
  file.add_node("b", "Identity", {"a"});
  const Tensor in{{1, 1, 1, 2}, {-1, 1}};
  const auto outputs =
      TfjsNetwork(imported_graph(file, {.inputs = {{"in", in.shape}}, .outputs = {"a", "b", "a"}})).run({in});
  ASSERT_EQ(outputs.size(), 3U);
  for (const Tensor& output : outputs) EXPECT_THAT(output.values, ElementsAre(0, 1));
}

}  // namespace
}  // namespace viba::test
