#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "segment/tfjs_runner.h"

/// Operators that work on known numbers while the model is read, and branches that go by them.
namespace viba::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

Json type(const char* name) { return {{"DstT", {{"type", name}}}}; }
Json number(const char* key, int value) { return {{key, {{"i", std::to_string(value)}}}}; }

/// Takes a picture of 1x1 with `channels` channels.
TfjsFileBuilder with_input() {
  TfjsFileBuilder file;
  file.add_input();
  return file;
}

/// The numbers that `output` folds to: a picture of ones is multiplied with them.
std::vector<float> folded(TfjsFileBuilder file, const std::string& output, std::int64_t count) {
  file.add_node("numbers", "Cast", {output}, type("DT_FLOAT"));
  file.add_node("multiplied", "Mul", {"in", "numbers"});
  const Tensor ones{{1, 1, 1, count}, std::vector<float>(static_cast<std::size_t>(count), 1)};
  const auto graph = imported_graph(file, {.inputs = {{"in", ones.shape}}, .outputs = {"multiplied"}});
  const auto outputs = TfjsNetwork(graph).run({ones});
  return outputs.empty() ? std::vector<float>() : outputs[0].values;
}

struct SliceCase {
  std::vector<std::int32_t> begin, end, step;
  int begin_mask, end_mask, shrink_mask;
  std::vector<float> expected;
};

TEST(TfjsFolding, StridedSlicesCountFromBothEnds) {
  for (const SliceCase& slice : std::vector<SliceCase>{
           {{1}, {3}, {1}, 0, 0, 0, {1, 2}},
           {{-2}, {99}, {1}, 0, 0, 0, {3, 4}},
           {{0}, {5}, {2}, 0, 0, 0, {0, 2, 4}},
           {{3}, {1}, {1}, 1, 1, 0, {0, 1, 2, 3, 4}},
           {{-1}, {0}, {-2}, 0, 1, 0, {4, 2, 0}},
           {{4}, {1}, {-1}, 0, 0, 0, {4, 3, 2}},
           {{-99}, {-3}, {1}, 0, 0, 0, {0, 1}},
           {{2}, {3}, {1}, 0, 0, 1, {2}},
           {{-1}, {0}, {1}, 0, 0, 1, {4}},
       }) {
    TfjsFileBuilder file = with_input();
    file.add_integers("list", {5}, {0, 1, 2, 3, 4});
    file.add_integers("begin", {1}, slice.begin);
    file.add_integers("end", {1}, slice.end);
    file.add_integers("step", {1}, slice.step);
    Json masks = number("begin_mask", slice.begin_mask);
    masks.update(number("end_mask", slice.end_mask));
    masks.update(number("shrink_axis_mask", slice.shrink_mask));
    file.add_node("part", "StridedSlice", {"list", "begin", "end", "step"}, masks);
    EXPECT_THAT(folded(file, "part", std::ssize(slice.expected)), ElementsAreArray(slice.expected));
  }
}

TEST(TfjsFolding, TheAxesOfASliceMayBeFewerThanThoseOfTheTable) {
  TfjsFileBuilder file = with_input();
  file.add_integers("table", {2, 3}, {0, 1, 2, 10, 11, 12});
  file.add_integers("one", {1}, {1});
  file.add_integers("two", {1}, {2});
  file.add_node("row", "StridedSlice", {"table", "one", "two", "one"}, number("shrink_axis_mask", 1));
  EXPECT_THAT(folded(file, "row", 3), ElementsAre(10, 11, 12));
}

TEST(TfjsFolding, ListsArePackedJoinedCutAndSplit) {
  TfjsFileBuilder file = with_input();
  file.add_integers("one", {}, {1});
  file.add_integers("two", {}, {2});
  file.add_integers("axis", {}, {-1});
  file.add_integers("first", {}, {0});
  file.add_node("pair", "Pack", {"one", "two"}, number("axis", 0));
  file.add_node("table", "Pack", {"pair", "pair"}, number("axis", -1));
  file.add_node("wide", "ConcatV2", {"table", "table", "axis"});
  file.add_integers("begin", {2}, {0, 1});
  file.add_integers("count", {2}, {-1, 2});
  file.add_node("middle", "Slice", {"wide", "begin", "count"});
  file.add_node("rows", "Split", {"first", "middle"}, number("num_split", 2));
  file.add_node("row", "Squeeze", {"rows:1"}, {{"squeeze_dims", TfjsFileBuilder::numbers({0})}});
  file.add_integers("lengths", {2}, {-1, 1});
  file.add_node("ends", "SplitV", {"wide", "lengths", "axis"});
  file.add_node("end", "Squeeze", {"ends:1"});
  EXPECT_THAT(folded(file, "pair", 2), ElementsAre(1, 2));
  EXPECT_THAT(folded(file, "row", 2), ElementsAre(2, 2));
  EXPECT_THAT(folded(file, "end", 2), ElementsAre(1, 2));
  file.add_node("spread", "BroadcastTo", {"one", "pair"});
  file.add_node("flat", "Squeeze", {"spread"});
  EXPECT_THAT(folded(file, "flat", 2), ElementsAre(1, 1));
}

TEST(TfjsFolding, ShapesOfPicturesAndNumbersAreKnown) {
  TfjsFileBuilder file = with_input();
  file.add_constant("table", {5, 7}, std::vector<float>(35));
  file.add_node("of_picture", "Shape", {"in"});
  file.add_node("of_table", "Shape", {"table"});
  EXPECT_THAT(folded(file, "of_picture", 4), ElementsAre(1, 1, 1, 4));
  EXPECT_THAT(folded(file, "of_table", 2), ElementsAre(5, 7));
}

TEST(TfjsFolding, APlaceholderMayBeAFixedNumber) {
  TfjsFileBuilder file = with_input();
  file.add_node("ratio", "Placeholder", {});
  file.add_node("squared", "Square", {"ratio"});
  file.add_node("out", "Mul", {"in", "squared"});
  const auto graph =
      imported_graph(file, {.inputs = {{"in", {1, 1, 1, 1}}}, .constants = {{"ratio", 1.5F}}, .outputs = {"out"}});
  EXPECT_THAT(TfjsNetwork(graph).run({{{1, 1, 1, 1}, {2}}}).at(0).values, ElementsAre(4.5F));
}

TEST(TfjsFolding, SizesOfEnlargementsAreWorkedOut) {
  TfjsFileBuilder file = with_input();
  file.add_integers("one", {1}, {1});
  file.add_integers("three", {1}, {3});
  file.add_constant("factor", {}, {1.6F});
  file.add_node("shape", "Shape", {"in"});
  file.add_node("size", "StridedSlice", {"shape", "one", "three", "one"});
  file.add_node("exact", "Cast", {"size"}, type("DT_FLOAT"));
  file.add_node("scaled", "Mul", {"exact", "factor"});
  file.add_node("whole", "Cast", {"scaled"}, type("DT_INT32"));
  file.add_node("out", "ResizeBilinear", {"in", "whole"}, {{"half_pixel_centers", {{"b", true}}}});
  EXPECT_THAT(run_small(file, noise_tensor({1, 4, 7, 2})).shape, ElementsAre(1, 6, 11, 2));
}

/// As TensorFlow writes a dilated convolution for pictures of any size.
TEST(TfjsFolding, DilationsWithWorkedOutPaddingsAreRecognized) {
  const Tensor filter = noise_tensor({3, 3, 2, 1}, 4);
  TfjsFileBuilder dealt = with_input();
  dealt.add_constant("filter", {3, 3, 2, 1}, filter.values);
  dealt.add_integers("block", {2}, {2, 2});
  dealt.add_integers("one", {1}, {1});
  dealt.add_integers("three", {1}, {3});
  dealt.add_integers("zero", {2}, {0, 0});
  dealt.add_node("shape", "Shape", {"in"});
  dealt.add_node("size", "StridedSlice", {"shape", "one", "three", "one"});
  dealt.add_node("rest", "FloorMod", {"size", "block"});
  dealt.add_node("missing", "Sub", {"block", "rest"});
  dealt.add_node("behind", "FloorMod", {"missing", "block"});
  dealt.add_node("paddings", "Pack", {"zero", "behind"}, number("axis", 1));
  dealt.add_node("small", "SpaceToBatchND", {"in", "block", "paddings"});
  dealt.add_node("convolved", "DepthwiseConv2dNative", {"small", "filter"}, TfjsFileBuilder::window("VALID"));
  dealt.add_node("out", "BatchToSpaceND", {"convolved", "block", "paddings"});
  TfjsFileBuilder dilated = with_input();
  dilated.add_constant("filter", {3, 3, 2, 1}, filter.values);
  dilated.add_node("out", "DepthwiseConv2dNative", {"in", "filter"}, TfjsFileBuilder::window("VALID", 1, 2));
  const Tensor in = noise_tensor({1, 9, 12, 2});
  const Tensor expected = run_small(dilated, in);
  EXPECT_THAT(expected.shape, ElementsAre(1, 5, 8, 2));
  EXPECT_EQ(run_small(dealt, in).values, expected.values);
}

/// Doubles the input when the condition holds, else takes it three times.
TfjsFileBuilder branches(bool holds, const std::string& dead_operator = "Mul") {
  TfjsFileBuilder file = with_input();
  file.add_truths("condition", {}, {holds ? std::uint8_t{1} : std::uint8_t{0}});
  file.add_constant("two", {}, {2});
  file.add_constant("three", {}, {3});
  file.add_node("way", "Switch", {"in", "condition"});
  file.add_node("then", holds ? "Mul" : dead_operator, {"way:1", "two"});
  file.add_node("else", holds ? dead_operator : "Mul", {"way", "three"});
  file.add_node("out", "Merge", {"then", "else"});
  return file;
}

TEST(TfjsFolding, BranchesGoByTheCondition) {
  const Tensor in{{1, 1, 1, 3}, {1, 2, 3}};
  EXPECT_THAT(run_small(branches(true), in).values, ElementsAre(2, 4, 6));
  EXPECT_THAT(run_small(branches(false), in).values, ElementsAre(3, 6, 9));
}

TEST(TfjsFolding, TheBranchThatIsNotTakenMayBeAnything) {
  const Tensor in{{1, 1, 1, 1}, {5}};
  EXPECT_THAT(run_small(branches(true, "Wonder"), in).values, ElementsAre(10));
  EXPECT_THAT(run_small(branches(false, "Split"), in).values, ElementsAre(15));
  EXPECT_EQ(imported_graph(branches(true), {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {"out"}}).node_size(), 1);
}

TEST(TfjsFolding, AMergeSaysWhichWayItWent) {
  for (const bool holds : {true, false}) EXPECT_THAT(folded(branches(holds), "out:1", 1), ElementsAre(holds ? 0 : 1));
}

TEST(TfjsFolding, WhatOnlyADeadBranchComputesIsNoOutput) {
  TfjsFileBuilder file = branches(true);
  file.add_node("more", "Relu", {"else"});
  file.add_node("none", "Merge", {"more", "else"});
  for (const char* output : {"else", "more", "none", "more:3", "way"}) {
    const auto error = import_error(file, {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {output}});
    EXPECT_THAT(error.message, HasSubstr("not computed")) << output;
    expect_sentence(error);
  }
}

TEST(TfjsFolding, AConditionThatIsNotKnownIsRefused) {
  TfjsFileBuilder file = with_input();
  file.add_node("way", "Switch", {"in", "in"});
  file.add_node("out", "Relu", {"way"});
  const auto error = import_error(file, {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {"out"}});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("Switch"));
  expect_sentence(error);
}

TEST(TfjsFolding, ALoopIsRefused) {
  TfjsFileBuilder file = with_input();
  file.add_node("start", "Merge", {"in", "next"});
  file.add_node("next", "Relu", {"start"});
  file.add_node("out", "Relu", {"next"});
  EXPECT_THAT(import_error(file, {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {"out"}}).message,
              HasSubstr("from itself"));
}

/// Nodes that ask for what is not there, or for too much: operator, inputs, attributes.
struct Hostile {
  const char* op;
  std::vector<std::string> inputs;
  Json attributes = Json::object();
};

TEST(TfjsFolding, WhatContradictsItselfIsRefusedInASentence) {
  for (const Hostile& hostile : std::vector<Hostile>{
           {"Shape", {"scalar"}},
           {"Shape", {"five", "five"}, {{"out_type", 7}}},
           {"Cast", {"five"}, type("DT_STRING")},
           {"Cast", {"in"}, type("DT_INT32")},
           {"Cast", {"infinite"}, type("DT_INT32")},
           {"Pack", {}},
           {"Pack", {"five", "scalar"}},
           {"Pack", {"five"}, number("axis", 7)},
           {"Pack", {"five", "in"}},
           {"Pack", {"rank8"}},
           {"Pack", std::vector<std::string>(65, "scalar")},
           {"ConcatV2", {}},
           {"ConcatV2", {"scalar"}},
           {"ConcatV2", {"in", "in"}},
           {"ConcatV2", {"in", "in", "scalar"}},
           {"ConcatV2", {"in", "five", "channels"}},
           {"ConcatV2", {"in", "in", "table"}},
           {"ConcatV2", {"five", "table", "scalar"}},
           {"Squeeze", {"five"}, {{"squeeze_dims", TfjsFileBuilder::numbers({0})}}},
           {"Squeeze", {"scalar"}, {{"squeeze_dims", TfjsFileBuilder::numbers({0})}}},
           {"Squeeze", {"in"}},
           {"Slice", {"in", "five", "five"}},
           {"Slice", {"in", "far", "four"}},
           {"Slice", {"in", "four", "far"}},
           {"Split", {"scalar", "in"}},
           {"Split", {"scalar", "in"}, number("num_split", 2)},
           {"Split", {"channels", "in"}, number("num_split", 2)},
           {"Split", {"channels", "in"}, number("num_split", 0)},
           {"Split", {"channels", "in"}, number("num_split", -1)},
           {"Split", {"channels", "in"}, number("num_split", 1 << 30)},
           {"Split", {"table", "in"}, number("num_split", 1)},
           {"SplitV", {"in", "five", "channels"}},
           {"SplitV", {"in", "in", "channels"}},
           {"StridedSlice", {"five", "scalar", "scalar", "scalar"}},
           {"StridedSlice", {"five", "past", "past", "past"}, number("shrink_axis_mask", 1)},
           {"StridedSlice", {"five", "past", "zero", "past"}},
           {"StridedSlice", {"five", "zero", "past", "zero"}},
           {"StridedSlice", {"five", "four", "four", "four"}},
           {"StridedSlice", {"five", "zero", "past", "past"}, number("ellipsis_mask", 1)},
           {"StridedSlice", {"five", "zero", "past", "past"}, number("new_axis_mask", 1)},
           {"StridedSlice", {"in", "zero", "past", "past"}},
           {"BroadcastTo", {"in", "five"}},
           {"BroadcastTo", {"in", "far"}},
           {"BroadcastTo", {"five", "far"}},
           {"BroadcastTo", {"scalar", "far"}},
           {"BroadcastTo", {"scalar", "huge"}},
           {"BroadcastTo", {"scalar", "in"}},
           {"FloorMod", {"five", "zero"}},
           {"FloorMod", {"in", "five"}},
           {"Equal", {"in", "in"}},
           {"RealDiv", {"five", "five"}},
           {"Add", {"five", "in"}},
           {"Mean", {"in", "channels"}},
           {"Mean", {"in", "huge"}, {{"keep_dims", {{"b", true}}}}},
           {"Mean", {"five", "channels"}, {{"keep_dims", {{"b", true}}}}},
           {"ResizeBilinear", {"in", "five"}},
           {"ResizeBilinear",
            {"in", "pair"},
            {{"half_pixel_centers", {{"b", true}}}, {"align_corners", {{"b", true}}}}},
           {"ResizeBilinear", {"in", "huge"}},
           {"ResizeBilinear", {"in", "none"}},
           {"Relu", {"in:1"}},
           {"Relu", {"dealt"}},
           {"Identity", {"dealt"}},
           {"SpaceToBatchND", {"dealt", "pair", "pads"}},
           {"SpaceToBatchND", {"in", "none", "pads"}},
           {"SpaceToBatchND", {"in", "huge", "pads"}},
           {"SpaceToBatchND", {"five", "pair", "pads"}},
           {"BatchToSpaceND", {"dealt", "pair", "pads"}},
           {"BatchToSpaceND", {"in", "pair", "pads"}},
           {"Switch", {"in", "five"}},
           {"Merge", {}},
       }) {
    TfjsFileBuilder file = with_input();
    file.add_integers("scalar", {}, {0});
    file.add_integers("channels", {}, {3});
    file.add_integers("zero", {1}, {0});
    file.add_integers("past", {1}, {5});
    file.add_integers("pair", {2}, {2, 2});
    file.add_integers("none", {2}, {0, -1});
    file.add_integers("huge", {2}, {1 << 30, 1 << 30});
    file.add_integers("four", {4}, {1, 1, 1, 1});
    file.add_integers("far", {4}, {-7, 1 << 30, 1 << 30, -(1 << 30)});
    file.add_integers("five", {5}, {1, 2, 3, 4, 5});
    file.add_integers("table", {2, 2}, {1, 2, 3, 4});
    file.add_integers("pads", {2, 2}, {0, 0, 0, 0});
    file.add_integers("rank8", {1, 1, 1, 1, 1, 1, 1, 1}, {1});
    file.add_constant("infinite", {}, {std::numeric_limits<float>::infinity()});
    file.add_node("dealt", "SpaceToBatchND", {"in", "pair", "pads"});
    file.add_node("out", hostile.op, hostile.inputs, hostile.attributes);
    const auto error = import_error(file, {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {"out"}});
    EXPECT_NE(error.code, ErrorCode::kInternal) << hostile.op << " " << testing::PrintToString(hostile.inputs);
    EXPECT_THAT(error.message, HasSubstr("small.json"));
    expect_sentence(error);
  }
}

/// Each node doubles the numbers of the one before.
TEST(TfjsFolding, NumbersThatMultiplyAreRefused) {
  TfjsFileBuilder file = with_input();
  file.add_constant("n0", {1, 1}, {1});
  file.add_integers("axis", {}, {0});
  for (int i = 0; i < 60; ++i) {
    const auto last = "n" + std::to_string(i);
    file.add_node("n" + std::to_string(i + 1), "ConcatV2", {last, last, "axis"});
  }
  file.add_node("out", "Mul", {"in", "n60"});
  const auto error = import_error(file, {.inputs = {{"in", {1, 4, 4, 3}}}, .outputs = {"out"}});
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, HasSubstr("memory"));
  expect_sentence(error);
}

TEST(TfjsFolding, PartsWithoutEndAreRefused) {
  TfjsFileBuilder file = with_input();
  file.add_integers("axis", {}, {3});
  std::vector<std::string> parts;
  for (int i = 0; i < 200; ++i) {
    parts.push_back("split" + std::to_string(i) + ":63");
    file.add_node("split" + std::to_string(i), "Split", {"axis", i == 0 ? "in" : "wide" + std::to_string(i - 1)},
                  number("num_split", 64));
    std::vector<std::string> inputs(64, parts.back());
    inputs.emplace_back("axis");
    file.add_node("wide" + std::to_string(i), "ConcatV2", inputs);
  }
  file.add_node("out", "Relu", {"wide199"});
  const auto error = import_error(file, {.inputs = {{"in", {1, 1, 1, 64}}}, .outputs = {"out"}});
  EXPECT_THAT(error.message, HasSubstr("more results"));
  expect_sentence(error);
}

}  // namespace
}  // namespace viba::test
