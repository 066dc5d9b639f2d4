#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "segment/tfjs_runner.h"

namespace viba::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatNear;
using testing::Ge;
using testing::Le;
using testing::Pointwise;

using Json = nlohmann::json;
using Shape = std::vector<std::int64_t>;

/// A network of the kind of Robust Video Matting, as its graph is written: it works on a picture made
/// smaller by a ratio, unless that is 1; remembers half of the old and half of the new; takes a state
/// of 1x1 for one of any size; and gives its answer at the size of the picture.
TfjsFileBuilder recurrent_network() {
  const auto type = [](const char* name) { return Json{{"DstT", {{"type", name}}}}; };
  const Json centers = {{"half_pixel_centers", {{"b", true}}}};
  TfjsFileBuilder file;
  for (const char* name : {"src", "state", "ratio"}) file.add_input(name);
  file.add_constant("whole", {}, {1});
  file.add_constant("half", {}, {0.5F});
  file.add_integers("one", {1}, {1});
  file.add_integers("three", {1}, {3});
  file.add_integers("last", {}, {-1});
  file.add_constant("mix", {1, 1, 3, 2}, {1, 0, 0, 1, 0.5F, -0.5F});
  file.add_node("equal", "Equal", {"ratio", "whole"});
  file.add_node("as_is", "Squeeze", {"equal"}, {{"squeeze_dims", TfjsFileBuilder::numbers({})}});
  file.add_node("way", "Switch", {"src", "as_is"});
  file.add_node("shape", "Shape", {"way"});
  file.add_node("size", "StridedSlice", {"shape", "one", "three", "one"});
  file.add_node("exact", "Cast", {"size"}, type("DT_FLOAT"));
  file.add_node("scaled", "Mul", {"exact", "ratio"});
  file.add_node("small_size", "Cast", {"scaled"}, type("DT_INT32"));
  file.add_node("smaller", "ResizeBilinear", {"way", "small_size"}, centers);
  file.add_node("small", "Merge", {"way:1", "smaller"});
  file.add_node("features", "Conv2D", {"small", "mix"}, TfjsFileBuilder::window("SAME"));
  file.add_node("split", "Split", {"last", "features"}, {{"num_split", {{"i", "2"}}}});
  file.add_node("state_shape", "Shape", {"split:1"});
  file.add_node("old", "BroadcastTo", {"state", "state_shape"});
  file.add_node("sum", "AddV2", {"split:1", "old"});
  file.add_node("new", "Mul", {"sum", "half"});
  file.add_node("both", "ConcatV2", {"split", "new", "last"});
  file.add_node("full_shape", "Shape", {"src"});
  file.add_node("full_size", "StridedSlice", {"full_shape", "one", "three", "one"});
  file.add_node("larger", "ResizeBilinear", {"both", "full_size"}, centers);
  file.add_node("Identity", "Identity", {"larger", "^size"});
  file.add_node("Identity_1", "Identity", {"new"});
  file.root["signature"]["outputs"] = {{"answer", {{"name", "Identity:0"}}}, {"memory", {{"name", "Identity_1:0"}}}};
  return file;
}

tfjs::ImportSettings settings(const Shape& src, const Shape& state, float ratio) {
  return {.inputs = {{"src", src}, {"state", state}},
          .constants = {{"ratio", ratio}},
          .outputs = {"Identity", "Identity_1"}};
}

/// The shape of the state, as the network itself says when it is given one of 1x1.
Shape state_shape(const TfjsFileBuilder& file, const Shape& src, float ratio) {
  const auto graph = imported_graph(file, settings(src, {1, 1, 1, 1}, ratio));
  if (graph.output_size() != 2) return {1, 1, 1, 1};
  Shape sides;
  for (const auto& side : graph.output(1).type().tensor_type().shape().dim()) sides.push_back(side.dim_value());
  return {sides[0], sides[2], sides[3], sides[1]};
}

bool has(const onnx::Graph& graph, std::string_view op) {
  return std::ranges::any_of(graph.node(), [op](const auto& node) { return node.op_type() == op; });
}

TEST(TfjsRecurrent, TheStateHasTheShapeThatTheGraphWorksOut) {
  const auto file = recurrent_network();
  EXPECT_THAT(state_shape(file, {1, 8, 12, 3}, 1), ElementsAre(1, 8, 12, 1));
  EXPECT_THAT(state_shape(file, {1, 8, 12, 3}, 0.5F), ElementsAre(1, 4, 6, 1));
  EXPECT_THAT(state_shape(file, {1, 720, 1280, 3}, 0.375F), ElementsAre(1, 270, 480, 1));
}

TEST(TfjsRecurrent, OnlyAStateOfAnotherShapeIsSpread) {
  const auto file = recurrent_network();
  EXPECT_TRUE(has(imported_graph(file, settings({1, 8, 8, 3}, {1, 1, 1, 1}, 1)), "Expand"));
  const auto graph = imported_graph(file, settings({1, 8, 8, 3}, {1, 8, 8, 1}, 1));
  EXPECT_FALSE(has(graph, "Expand"));
  EXPECT_FALSE(has(graph, "Resize"));
  EXPECT_TRUE(has(imported_graph(file, settings({1, 8, 8, 3}, {1, 4, 4, 1}, 0.5F)), "Resize"));
}

TEST(TfjsRecurrent, RemembersFromFrameToFrame) {
  const auto file = recurrent_network();
  const Shape src{1, 4, 6, 3};
  TfjsNetwork network(imported_graph(file, settings(src, {1, 4, 6, 1}, 1)));
  TfjsNetwork first(imported_graph(file, settings(src, {1, 1, 1, 1}, 1)));
  Tensor state{{1, 4, 6, 1}, std::vector<float>(24)};
  std::vector<float> expected(24);
  for (int frame = 0; frame < 3; ++frame) {
    const Tensor in = noise_tensor(src, static_cast<float>(frame));
    const auto outputs = frame == 0 ? first.run({in, {{1, 1, 1, 1}, {0}}}) : network.run({in, state});
    ASSERT_EQ(outputs.size(), 2U);
    std::vector<float> answer;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const float* pixel = &in.values[3 * i];
      expected[i] = (expected[i] + pixel[1] - 0.5F * pixel[2]) / 2;
      answer.insert(answer.end(), {pixel[0] + 0.5F * pixel[2], expected[i]});
    }
    EXPECT_THAT(outputs[0].values, Pointwise(FloatNear(1e-5F), answer));
    EXPECT_THAT(outputs[1].values, Pointwise(FloatNear(1e-5F), expected));
    state = outputs[1];
  }
}

TEST(TfjsRecurrent, AStateThatDoesNotFitIsRefused) {
  const auto file = recurrent_network();
  for (const Shape& state : std::vector<Shape>{{1, 3, 3, 1}, {1, 8, 8, 2}, {1, 8, 1, 3}}) {
    const auto error = import_error(file, settings({1, 8, 8, 3}, state, 1));
    EXPECT_EQ(error.code, ErrorCode::kBadData);
    EXPECT_NE(error.message.find("\"old\""), std::string::npos) << error.message;
    expect_sentence(error);
  }
}

TEST(TfjsRecurrent, ARatioThatMakesNoPictureIsRefused) {
  const auto file = recurrent_network();
  for (const float ratio : {0.0F, -1.0F, 0.01F, 1e9F, 1e30F, std::nanf("")}) {
    const auto error = import_error(file, settings({1, 8, 8, 3}, {1, 1, 1, 1}, ratio));
    EXPECT_NE(error.code, ErrorCode::kInternal) << ratio;
    expect_sentence(error);
  }
}

TEST(TfjsRecurrent, FlippedBitsAreSurvived) {
  const auto file = recurrent_network();
  const TemporaryFile shard("shard.bin", file.shard);
  const std::string text = file.root.dump();
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    // Most flips of the text spoil the JSON; those of the weights are other numbers to compute with.
    std::string flipped = text;
    auto bytes = file.shard;
    if (i % 2 == 0) {
      char& letter = flipped[random() % flipped.size()];
      letter = static_cast<char>(letter ^ 1 << random() % 7);
    }
    bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    const auto model = tfjs::parse_model(flipped, "small.json", [&](const std::string&, std::uint64_t) {
      return Result<std::vector<std::uint8_t>>(bytes);
    });
    onnx::Graph graph;
    const auto done = model ? tfjs::import_model(*model, settings({1, 16, 24, 3}, {1, 1, 1, 1}, 0.5F), graph)
                            : tl::unexpected(model.error());
    if (done) continue;
    EXPECT_NE(done.error().code, ErrorCode::kInternal) << done.error().message;
    expect_sentence(done.error());
  }
}

/// Robust Video Matting itself, which may not be handed on with ViBa.
class RobustVideoMatting : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(path_)) GTEST_SKIP() << "model missing: " << path_;
    auto model = tfjs::read_model(path_);
    ASSERT_TRUE(model) << model.error().message;
    model_ = std::move(*model);
  }

  onnx::Graph graph(Size size, float ratio, const std::vector<Shape>& states) {
    tfjs::ImportSettings settings{.inputs = {{"src", {1, size.height, size.width, 3}}},
                                  .constants = {{"downsample_ratio", ratio}}};
    for (std::size_t i = 0; i < states.size(); ++i)
      settings.inputs.push_back({"r" + std::to_string(i + 1) + "i", states[i]});
    for (const char* label : {"pha", "r1o", "r2o", "r3o", "r4o"})
      for (const Port& output : tfjs::signature_of(model_).outputs)
        if (output.label == label) settings.outputs.push_back(output.name);
    onnx::Graph result;
    const auto done = tfjs::import_model(model_, settings, result);
    EXPECT_TRUE(done) << done.error().message;
    return result;
  }

  std::string path_ = std::string(VIBA_SHARED_DIR) + "/data/rvm/rvm.json";
  tfjs::Model model_;
};

TEST_F(RobustVideoMatting, RunsWithItsStatesCarriedOn) {
  for (const float ratio : {1.0F, 0.5F}) {
    const auto trial = graph({192, 128}, ratio, std::vector<Shape>(4, {1, 1, 1, 1}));
    ASSERT_EQ(trial.output_size(), 5);
    std::vector<Tensor> inputs{noise_tensor({1, 128, 192, 3})};
    std::vector<Shape> states;
    for (int i = 1; i < 5; ++i) {
      const auto& sides = trial.output(i).type().tensor_type().shape();
      states.push_back({1, sides.dim(2).dim_value(), sides.dim(3).dim_value(), sides.dim(1).dim_value()});
      inputs.push_back(noise_tensor(states.back()));
    }
    const auto ready = graph({192, 128}, ratio, states);
    EXPECT_FALSE(has(ready, "Expand"));
    TfjsNetwork network(ready);
    for (int frame = 0; frame < 2; ++frame) {
      const auto outputs = network.run(inputs);
      ASSERT_EQ(outputs.size(), 5U);
      EXPECT_THAT(outputs[0].shape, ElementsAre(1, 128, 192, 1));
      EXPECT_THAT(outputs[0].values, Each(Ge(0)));
      EXPECT_THAT(outputs[0].values, Each(Le(1)));
      for (std::size_t i = 1; i < outputs.size(); ++i) {
        EXPECT_EQ(outputs[i].shape, states[i - 1]);
        inputs[i] = outputs[i];
      }
    }
  }
}

}  // namespace
}  // namespace viba::test
