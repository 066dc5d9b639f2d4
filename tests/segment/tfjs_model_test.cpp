#include "segment/tfjs_model.h"
#include "segment/onnx_graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "onnx_subset.pb.h"
#include "segment/tfjs_file_builder.h"
#include "segment/tfjs_importer.h"

namespace viba::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;

std::vector<float> floats_of(const TfjsFileBuilder& file, const std::string& name) {
  const auto model = file.read();
  EXPECT_TRUE(model) << model.error().message;
  return std::get<std::vector<float>>(model->weights.at(name).values);
}

void expect_refused(const TfjsFileBuilder& file, std::initializer_list<std::string_view> words) {
  const auto model = file.read();
  ASSERT_FALSE(model);
  for (const auto word : words) EXPECT_NE(model.error().message.find(word), std::string::npos) << model.error().message;
  expect_sentence(model.error());
}

TEST(TfjsModel, WeightsOfEveryStorageAreRead) {
  TfjsFileBuilder file;
  file.add_constant("float32", {2}, {1.5F, -2});
  file.add_quantized("uint8", {3}, "float32", {{"dtype", "uint8"}, {"scale", 0.5}, {"min", -1}}, {0, 2, 255});
  file.add_quantized("uint16", {2}, "float32", {{"dtype", "uint16"}, {"scale", 0.25}, {"min", 1}}, {4, 0, 0, 1});
  file.add_quantized("float16", {4}, "float32", {{"dtype", "float16"}}, {0, 0x3c, 0, 0xc0, 1, 0, 0, 0});
  file.add_quantized("whole", {2}, "int32", {{"dtype", "uint8"}, {"scale", 2}, {"min", -3}}, {0, 4});
  file.add_integers("int32", {1, 2}, {-7, 70000});
  file.add_truths("bool", {3}, {0, 1, 255});
  EXPECT_THAT(floats_of(file, "float32"), ElementsAre(1.5F, -2));
  EXPECT_THAT(floats_of(file, "uint8"), ElementsAre(-1, 0, 126.5F));
  EXPECT_THAT(floats_of(file, "uint16"), ElementsAre(2, 65));
  EXPECT_THAT(floats_of(file, "float16"), ElementsAre(1, -2, 1.0F / (1 << 24), 0));
  const auto model = file.read();
  EXPECT_THAT(std::get<std::vector<std::int32_t>>(model->weights.at("whole").values), ElementsAre(-3, 5));
  EXPECT_THAT(std::get<std::vector<std::int32_t>>(model->weights.at("int32").values), ElementsAre(-7, 70000));
  EXPECT_THAT(model->weights.at("int32").shape, ElementsAre(1, 2));
  EXPECT_THAT(std::get<std::vector<std::int32_t>>(model->weights.at("bool").values), ElementsAre(0, 1, 1));
}

TEST(TfjsModel, WeightsMayCrossFromShardToShard) {
  TfjsFileBuilder file;
  file.add_constant("a", {2}, {1, 2});
  file.add_constant("b", {1}, {3});
  file.paths() = {"first.bin", "second.bin"};
  const TemporaryFile first("first.bin", {file.shard.begin(), file.shard.begin() + 5});
  const TemporaryFile second("second.bin", {file.shard.begin() + 5, file.shard.end()});
  const auto model = tfjs::parse_model(file.root.dump(), "small.json", first.folder());
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_THAT(std::get<std::vector<float>>(model->weights.at("a").values), ElementsAre(1, 2));
  EXPECT_THAT(std::get<std::vector<float>>(model->weights.at("b").values), ElementsAre(3));
}

TEST(TfjsModel, AttributesAreReadInAllTheirForms) {
  TfjsFileBuilder file;
  file.add_node("node", "Op", {"a", "b:0", "^c"},
                {{"text", TfjsFileBuilder::text("SAME")},
                 {"flag", {{"b", true}}},
                 {"number", {{"i", 7}}},
                 {"numbers", TfjsFileBuilder::numbers({1, -2})},
                 {"odd", {{"i", "x1"}}},
                 {"type", {{"type", "DT_FLOAT"}}}});
  const auto model = file.read();
  ASSERT_TRUE(model) << model.error().message;
  const tfjs::Node& node = model->nodes.at(0);
  EXPECT_THAT(node.inputs, ElementsAre("a", "b"));
  EXPECT_THAT(node.attributes.at("text").texts, ElementsAre("SAME"));
  EXPECT_THAT(node.attributes.at("flag").numbers, ElementsAre(1));
  EXPECT_THAT(node.attributes.at("number").numbers, ElementsAre(7));
  EXPECT_THAT(node.attributes.at("numbers").numbers, ElementsAre(1, -2));
  EXPECT_THAT(node.attributes.at("odd").numbers, ElementsAre(std::numeric_limits<std::int64_t>::min()));
  EXPECT_TRUE(node.attributes.at("type").numbers.empty());
}

TEST(TfjsModel, OnlyFilesOfItsOwnFolderAreRead) {
  for (const std::string name : {"../../etc/passwd", "/etc/passwd", "..", ".", "", "a/b", "..\\b"}) {
    TfjsFileBuilder file;
    file.add_constant("a", {1}, {1});
    file.paths() = {name};
    expect_refused(file, {"small.json", "own folder"});
  }
  TfjsFileBuilder file;
  file.paths() = {std::string("shard.bin\0", 10)};
  expect_refused(file, {"own folder"});
  file.paths() = {7};
  expect_refused(file, {"own folder"});
}

TEST(TfjsModel, AMissingShardIsNamed) {
  TfjsFileBuilder file;
  file.add_constant("a", {1}, {1});
  file.paths() = {"gone.bin"};
  expect_refused(file, {"gone.bin"});
}

TEST(TfjsModel, ShardsOfTheWrongLengthAreRefused) {
  TfjsFileBuilder file;
  file.add_constant("a", {2}, {1, 2});
  file.shard.pop_back();
  expect_refused(file, {"small.json", "7 bytes of 8"});
  file.shard.resize(9);
  expect_refused(file, {"shard.bin", "8 bytes"});
  file.shard.clear();
  expect_refused(file, {"small.json", "0 bytes of 8"});
}

TEST(TfjsModel, AbsurdShapesAreRefused) {
  const std::int64_t huge = std::int64_t{1} << 62;
  for (const Json& shape : {Json{huge, 4}, Json{1 << 20, 1 << 20}, Json{0}, Json{-1}, Json{1.5}, Json{"4"},
                            Json{std::uint64_t{1} << 63}, Json(std::vector<int>(9, 1)), Json(4), Json()}) {
    TfjsFileBuilder file;
    file.add_constant("wide", {1}, {1});
    file.weights()[0]["shape"] = shape;
    expect_refused(file, {"small.json", "\"wide\""});
  }
}

TEST(TfjsModel, ManyLargeWeightsAreRefusedTogether) {
  TfjsFileBuilder file;
  for (const char* name : {"a", "b", "c"}) {
    file.add_constant(name, {1}, {});
    file.weights().back()["shape"] = {1024, 1024, 12};
  }
  expect_refused(file, {"\"c\"", "memory"});
}

TEST(TfjsModel, StorageThatIsNoneIsRefused) {
  const auto refused = [](const Json& row) {
    TfjsFileBuilder file;
    file.add_constant("odd", {1}, {1});
    file.weights()[0].update(row);
    expect_refused(file, {"small.json", "\"odd\""});
  };
  for (const char* type : {"string", "complex64", ""}) refused({{"dtype", type}});
  refused({{"dtype", 3}});
  refused({{"quantization", 8}});
  refused({{"quantization", {{"dtype", "uint4"}}}});
  refused({{"quantization", {{"dtype", "uint8"}, {"scale", 1}}}});
  refused({{"quantization", {{"dtype", "uint8"}, {"scale", "1"}, {"min", 0}}}});
  refused({{"dtype", "int32"}, {"quantization", {{"dtype", "float16"}}}});
}

TEST(TfjsModel, WhatIsNoGraphModelIsRefused) {
  for (const char* text :
       {"",
        "{",
        "[]",
        "{}",
        "null",
        "7",
        "\"model\"",
        R"({"modelTopology": {"node": []}})",
        R"({"modelTopology": {"model_config": {}}, "weightsManifest": []})",
        R"({"modelTopology": 1, "weightsManifest": []})",
        R"({"modelTopology": {"node": {}}, "weightsManifest": []})",
        R"({"modelTopology": {"node": [7]}, "weightsManifest": []})",
        R"({"modelTopology": {"node": [{"name": "a"}]}, "weightsManifest": []})",
        R"({"modelTopology": {"node": [{"name": "a", "op": "b", "input": ["a:x"]}]}, "weightsManifest": []})",
        R"({"modelTopology": {"node": [{"name": "a:1", "op": "b"}]}, "weightsManifest": []})",
        R"({"modelTopology": {"node": [{"name": "a", "op": "b", "input": [{}]}]}, "weightsManifest": []})",
        R"({"modelTopology": {"node": []}, "weightsManifest": {}})",
        R"({"modelTopology": {"node": []}, "weightsManifest": [7]})",
        R"({"modelTopology": {"node": []}, "weightsManifest": [{"paths": [], "weights": [7]}]})",
        "\xff\xfe{}"}) {
    const auto model = tfjs::parse_model(text, "odd.json", ".");
    ASSERT_FALSE(model) << text;
    EXPECT_NE(model.error().message.find("odd.json"), std::string::npos) << model.error().message;
    expect_sentence(model.error());
  }
}

TEST(TfjsModel, NestingWithoutEndIsRefused) {
  const auto model = tfjs::parse_model(std::string(1 << 20, '['), "deep.json", ".");
  ASSERT_FALSE(model);
  std::string closed = std::string(1 << 20, '[') + std::string(1 << 20, ']');
  EXPECT_FALSE(tfjs::parse_model(R"({"modelTopology": )" + closed + R"(, "weightsManifest": []})", "deep.json", "."));
}

TEST(TfjsModel, MoreNodesThanAnyNetworkHasAreRefused) {
  TfjsFileBuilder file;
  for (int i = 0; i <= 4'000; ++i) file.nodes().push_back({{"name", std::to_string(i)}, {"op", "Relu"}});
  expect_refused(file, {"4000 nodes"});
}

TEST(TfjsModel, AFolderOrNothingIsNamed) {
  for (const std::string& path : {testing::TempDir(), std::string("/nonexistent/model.json")}) {
    const auto model = tfjs::read_model(path);
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find(path), std::string::npos);
    expect_sentence(model.error());
  }
}

/// A network of each kind of node, with all storages.
TfjsFileBuilder small_network() {
  TfjsFileBuilder file;
  file.add_input();
  file.add_quantized("filter", {3, 3, 3, 4}, "float32", {{"dtype", "uint8"}, {"scale", 0.01}, {"min", -1}},
                     std::vector<std::uint8_t>(108, 100));
  file.add_constant("bias", {4}, {1, 2, 3, 4});
  file.add_integers("pads", {4, 2}, {0, 0, 1, 1, 1, 1, 0, 0});
  file.add_node("padded", "Pad", {"in", "pads"});
  auto fused = TfjsFileBuilder::window("VALID", 2);
  fused["fused_ops"] = TfjsFileBuilder::texts({"BiasAdd", "Relu6"});
  file.add_node("a", "_FusedConv2D", {"padded", "filter", "bias"}, fused);
  auto pooling = TfjsFileBuilder::window("SAME");
  pooling["ksize"] = TfjsFileBuilder::numbers({1, 3, 3, 1});
  file.add_node("b", "MaxPool", {"a"}, pooling);
  file.add_node("sum", "AddV2", {"a", "b"});
  file.add_node("out", "Sigmoid", {"sum"});
  return file;
}

/// Flips bits in a model's text and imports what can still be read. Whatever is refused is refused in a
/// sentence, and whatever is not is a network that the runtime can make ready, or refuses itself.
void survive_flips(const std::string& text, const std::string& folder, const std::string& output, int flips) {
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < flips; ++i) {
    std::string flipped = text;
    for (int bit = 0; bit <= i % 4; ++bit) {
      char& byte = flipped[random() % flipped.size()];
      byte = static_cast<char>(byte ^ 1 << random() % 7);
    }
    const auto model = tfjs::parse_model(flipped, "model.json", folder);
    onnx::Graph graph;
    const auto done =
        model ? tfjs::import_model(*model, feed_all(*model, {65, 49}, {output}), graph) : tl::unexpected(model.error());
    if (!done) {
      expect_sentence(done.error());
      EXPECT_NE(done.error().code, ErrorCode::kInternal) << done.error().message;
      ++refused;
    } else if (i % 8 == 0) {
      const auto session = OnnxSession::create(shared_engine(), onnx::serialize(graph), "model.json");
      if (!session) expect_sentence(session.error());
    }
  }
  std::cout << refused << " of " << flips << " refused\n";
  EXPECT_GT(refused, flips / 10);
}

TEST(HostileTfjsModel, FlippedBitsAreSurvived) {
  const TfjsFileBuilder file = small_network();
  const TemporaryFile shard("shard.bin", file.shard);
  survive_flips(file.root.dump(), shard.folder(), "out", 2000);
}

TEST(HostileTfjsModel, TruncatedAnywhereIsRefused) {
  const TfjsFileBuilder file = small_network();
  const TemporaryFile shard("shard.bin", file.shard);
  const std::string whole = file.root.dump();
  ASSERT_TRUE(tfjs::parse_model(whole, "model.json", shard.folder()));
  for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 500) {
    const auto model = tfjs::parse_model(whole.substr(0, length), "model.json", shard.folder());
    ASSERT_FALSE(model) << length;
    expect_sentence(model.error());
  }
}

class RealTfjsModel : public testing::Test {
 protected:
  void SetUp() override {
    if (text_.empty()) GTEST_SKIP() << "model missing: " << folder_;
  }
  std::string folder_ = std::string(VIBA_SHARED_DIR) + "/data/bodypix/mobilenet-quant1-050-derived";
  std::vector<std::uint8_t> text_ = bytes_of(folder_ + "/model-stride16.json");
  std::vector<std::uint8_t> shard_ = bytes_of(folder_ + "/group1-shard1of1.bin");
};

TEST_F(RealTfjsModel, FlippedBitsAreSurvived) {
  survive_flips({text_.begin(), text_.end()}, folder_, "float_segments", 400);
}

TEST_F(RealTfjsModel, FlippedWeightsAreStillWeights) {
  std::mt19937 random(1);
  for (int i = 0; i < 30; ++i) {
    auto bytes = shard_;
    for (int bit = 0; bit < 100; ++bit) bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
    const TemporaryFile shard("group1-shard1of1.bin", bytes);
    EXPECT_TRUE(
        tfjs::parse_model({reinterpret_cast<const char*>(text_.data()), text_.size()}, "model.json", shard.folder()));
  }
}

TEST_F(RealTfjsModel, TruncatedShardsAreRefused) {
  for (std::size_t cut = 1; cut < shard_.size(); cut *= 2) {
    const TemporaryFile shard("group1-shard1of1.bin",
                              {shard_.begin(), shard_.end() - static_cast<std::ptrdiff_t>(cut)});
    const TemporaryFile json("model.json", text_);
    const auto model = tfjs::read_model(json.path());
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find(json.path()), std::string::npos) << model.error().message;
    expect_sentence(model.error());
  }
}

}  // namespace
}  // namespace viba::test
