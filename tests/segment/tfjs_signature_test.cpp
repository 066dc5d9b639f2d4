#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "segment/tfjs_file_builder.h"
#include "segment/tfjs_model.h"

namespace viba::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

Json shape(const std::vector<int>& sides) {
  Json dims = Json::array();
  for (const int side : sides) dims.push_back({{"size", std::to_string(side)}});
  return {{"dim", dims}};
}

const Json kAnyRank = {{"unknownRank", true}};

Json placeholder(const Json& declared) { return {{"shape", {{"shape", declared}}}}; }

TfjsFileBuilder two_branches() {
  TfjsFileBuilder file;
  file.add_node("in", "Placeholder", {}, placeholder(shape({1, -1, -1, 3})));
  file.add_node("state", "Placeholder", {}, placeholder(kAnyRank));
  file.add_node("ratio", "Placeholder", {});
  file.add_constant("unused", {1}, {1});
  file.add_node("sum", "Add", {"in", "state"});
  file.add_node("left", "Relu", {"sum"});
  file.add_node("halves", "Split", {"ratio", "sum"});
  file.add_node("right", "Relu", {"halves:1"});
  file.add_node("done", "NoOp", {"^right"});
  return file;
}

Signature signature(const TfjsFileBuilder& file) {
  const auto model = file.read();
  EXPECT_TRUE(model) << model.error().message;
  return model ? tfjs::signature_of(*model) : Signature{};
}

std::vector<std::string> names(const std::vector<Port>& ports) {
  std::vector<std::string> result;
  for (const Port& port : ports) result.push_back(port.name);
  return result;
}

TEST(TfjsSignature, InputsAreThePlaceholdersWithTheirShapes) {
  const auto inputs = signature(two_branches()).inputs;
  ASSERT_THAT(names(inputs), ElementsAre("in", "state", "ratio"));
  EXPECT_TRUE(inputs[0].shape_known);
  EXPECT_THAT(inputs[0].shape, ElementsAre(1, -1, -1, 3));
  for (const auto i : {1U, 2U}) {
    EXPECT_FALSE(inputs[i].shape_known);
    EXPECT_THAT(inputs[i].shape, IsEmpty());
  }
}

TEST(TfjsSignature, AShapeWithoutSidesIsThatOfANumber) {
  TfjsFileBuilder file;
  file.add_node("ratio", "Placeholder", {}, placeholder(Json::object()));
  const auto inputs = signature(file).inputs;
  ASSERT_EQ(inputs.size(), 1U);
  EXPECT_TRUE(inputs[0].shape_known);
  EXPECT_THAT(inputs[0].shape, IsEmpty());
}

TEST(TfjsSignature, OutputsAreTheLeavesWhenTheFileStatesNone) {
  EXPECT_THAT(names(signature(two_branches()).outputs), ElementsAre("left", "right"));
}

TEST(TfjsSignature, StatedOutputsGoByTheirLabels) {
  const Json stated = {
      {"inputs", {{"state:0", {{"name", "state:0"}, {"tensorShape", kAnyRank}}}}},
      {"outputs",
       {{"sum", {{"name", "sum:0"}, {"tensorShape", shape({1, -1, -1, 3})}}}, {"half", {{"name", "halves:1"}}}}}};
  for (const bool in_metadata : {false, true}) {
    TfjsFileBuilder file = two_branches();
    (in_metadata ? file.root["userDefinedMetadata"] : file.root)["signature"] = stated;
    const auto [inputs, outputs] = signature(file);
    ASSERT_THAT(names(inputs), ElementsAre("in", "state", "ratio"));
    EXPECT_EQ(inputs[0].label, "");
    EXPECT_EQ(inputs[1].label, "state");
    ASSERT_THAT(names(outputs), ElementsAre("halves:1", "sum"));
    EXPECT_EQ(outputs[0].label, "half");
    EXPECT_FALSE(outputs[0].shape_known);
    EXPECT_EQ(outputs[1].label, "sum");
    EXPECT_THAT(outputs[1].shape, ElementsAre(1, -1, -1, 3));
  }
}

TEST(TfjsSignature, WhatIsNoneCountsAsNotStated) {
  for (const Json& stated : {Json(7), Json::array(), Json{{"outputs", 7}}, Json{{"outputs", {7}}},
                             Json{{"outputs", {{"a", 7}}}}, Json{{"outputs", {{"a", {{"name", 7}}}}}}}) {
    TfjsFileBuilder file = two_branches();
    file.root["signature"] = stated;
    EXPECT_THAT(names(signature(file).outputs), ElementsAre("left", "right")) << stated;
  }
}

TEST(TfjsShards, ComeFromWhoeverReadsThem) {
  TfjsFileBuilder file;
  file.add_constant("a", {3}, {1, 2, 3});
  file.paths() = {"one", "two"};
  std::vector<std::uint64_t> most;
  const auto model =
      tfjs::parse_model(file.root.dump(), "small.json", [&](const std::string& name, std::uint64_t at_most) {
        most.push_back(at_most);
        const auto cut = file.shard.begin() + 5;
        return Result<std::vector<std::uint8_t>>(name == "one" ? std::vector(file.shard.begin(), cut)
                                                               : std::vector(cut, file.shard.end()));
      });
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_THAT(std::get<std::vector<float>>(model->weights.at("a").values), ElementsAre(1, 2, 3));
  EXPECT_THAT(most, ElementsAre(12, 7));
}

TEST(TfjsShards, WhatTheReaderRefusesIsHandedOn) {
  TfjsFileBuilder file;
  file.add_constant("a", {1}, {1});
  const auto model = tfjs::parse_model(file.root.dump(), "small.json",
                                       [](const std::string&, std::uint64_t) -> Result<std::vector<std::uint8_t>> {
                                         return fail(ErrorCode::kIo, "The server is gone.");
                                       });
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message, "The server is gone.");
}

TEST(TfjsShards, TooMuchIsRefused) {
  TfjsFileBuilder file;
  file.add_constant("a", {1}, {1});
  const auto model = tfjs::parse_model(file.root.dump(), "small.json", [](const std::string&, std::uint64_t) {
    return Result<std::vector<std::uint8_t>>(std::vector<std::uint8_t>(5));
  });
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::kBadData);
  expect_sentence(model.error());
}

TEST(TfjsShards, NamesWithFoldersNeverReachTheReader) {
  for (const char* name : {"../secret", "/etc/passwd", "a/b", "a\\b", "..", ".", ""}) {
    TfjsFileBuilder file;
    file.add_constant("a", {1}, {1});
    file.paths() = {"good", name};
    const auto model = tfjs::parse_model(file.root.dump(), "small.json", [](const std::string& asked, std::uint64_t) {
      ADD_FAILURE() << asked;
      return Result<std::vector<std::uint8_t>>({});
    });
    ASSERT_FALSE(model) << name;
    expect_sentence(model.error());
    EXPECT_FALSE(tfjs::list_shards(file.root.dump(), "small.json")) << name;
  }
}

TEST(TfjsShards, AreListedWithTheirSizes) {
  TfjsFileBuilder file;
  file.add_constant("a", {3}, {1, 2, 3});
  file.add_quantized("b", {5}, "float32", {{"dtype", "uint16"}, {"scale", 1}, {"min", 0}},
                     std::vector<std::uint8_t>(10));
  file.paths() = {"one", "two"};
  Json truth = {{"name", "c"}, {"shape", Json::array()}, {"dtype", "bool"}};
  file.root["weightsManifest"].push_back({{"paths", {"three"}}, {"weights", {truth}}});
  const auto groups = tfjs::list_shards(file.root.dump(), "small.json");
  ASSERT_TRUE(groups) << groups.error().message;
  ASSERT_EQ(groups->size(), 2U);
  EXPECT_THAT(groups->at(0).names, ElementsAre("one", "two"));
  EXPECT_EQ(groups->at(0).bytes, 22U);
  EXPECT_THAT(groups->at(1).names, ElementsAre("three"));
  EXPECT_EQ(groups->at(1).bytes, 1U);
}

TEST(TfjsShards, OfWhatIsNoModelAreRefused) {
  for (const char* text : {"", "{}", "[]", R"({"modelTopology": {}, "weightsManifest": 7})"}) {
    const auto groups = tfjs::list_shards(text, "odd.json");
    ASSERT_FALSE(groups) << text;
    expect_sentence(groups.error());
  }
}

}  // namespace
}  // namespace viba::test
