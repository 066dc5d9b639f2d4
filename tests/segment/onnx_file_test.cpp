#include "segment/onnx_file.h"

#include <gtest/gtest.h>

#include <random>

#include "segment/model_files.h"
#include "segment/onnx_file_builder.h"
#include "segment/onnx_session.h"

namespace viba::test {
namespace {

OnnxFileBuilder small_network() {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("in", {1, 3, 8, 8});
  builder.add_constant("weights", {2, 3, 3, 3}, std::vector<float>(54, 0.1F));
  builder.add_node("Conv", {"in", "weights"}, "sum", {1, 2, 8, 8}, {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
  builder.add_node("Sigmoid", {"sum"}, "out", {1, 2, 8, 8});
  builder.add_output("out", {1, 2, 8, 8});
  return file;
}

void expect_refused(const std::vector<std::uint8_t>& bytes, ErrorCode code, std::string_view word = "") {
  const auto file = onnx::check_file(bytes, "own.onnx");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, code) << file.error().message;
  for (const std::string_view each : {word, std::string_view("own.onnx")})
    EXPECT_NE(file.error().message.find(each), std::string::npos) << file.error().message;
  expect_sentence(file.error());
}

TEST(OnnxFile, TellsWhatGoesInAndOut) {
  auto builder = small_network();
  builder.builder().add_input("weights", {2, 3, 3, 3});  // old files name their weights among the inputs
  const auto file = onnx::check_file(builder.bytes(), "own.onnx");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->signature.inputs.size(), 1U);
  EXPECT_EQ(file->signature.inputs[0].name, "in");
  EXPECT_EQ(file->signature.inputs[0].shape, (std::vector<std::int64_t>{1, 3, 8, 8}));
  EXPECT_EQ(file->signature.outputs[0].name, "out");
  EXPECT_EQ(file->makers.at("out").op, "Sigmoid");
  EXPECT_DOUBLE_EQ(file->million_multiply_adds, 2 * 8 * 8 * 3 * 3 * 3 / 1e6);
}

TEST(OnnxFile, WeightsInOtherFilesAreRefused) {
  auto file = small_network();
  auto& entry = *file.graph.mutable_initializer(0)->add_external_data();
  entry.set_key("../../etc/passwd");
  expect_refused(file.bytes(), ErrorCode::kUnsupported, "another file");
  auto marked = small_network();
  marked.graph.mutable_initializer(0)->set_data_location(1);
  expect_refused(marked.bytes(), ErrorCode::kUnsupported, "another file");
  // Also where they are an attribute, inside of a graph inside of a node.
  auto hidden = small_network();
  auto& attribute = *hidden.graph.mutable_node(0)->add_attribute();
  auto& inner = *attribute.mutable_g()->add_node()->add_attribute()->mutable_t();
  inner.add_external_data()->set_key("location");
  expect_refused(hidden.bytes(), ErrorCode::kUnsupported, "another file");
}

TEST(OnnxFile, LoopsAndAbsurdSizesAreRefused) {
  auto loop = small_network();
  loop.graph.mutable_node(1)->set_op_type("Loop");
  expect_refused(loop.bytes(), ErrorCode::kUnsupported, "Loop");
  for (const std::int64_t side : {std::int64_t{-1}, std::int64_t{1} << 40, std::int64_t{1} << 62}) {
    auto absurd = small_network();
    absurd.graph.mutable_initializer(0)->set_dims(0, side);
    expect_refused(absurd.bytes(), ErrorCode::kUnsupported, "size");
  }
  auto many = small_network();
  for (int i = 0; i < 20'001; ++i) many.graph.add_node()->set_op_type("Identity");
  expect_refused(many.bytes(), ErrorCode::kUnsupported, "nodes");
}

/// A field of that number with those bytes, as they stand in a file.
std::string field(int number, const std::string& content) {
  std::string bytes;
  const auto varint = [&](std::uint64_t value) {
    for (; value > 127; value >>= 7) bytes += static_cast<char>((value & 127) | 128);
    bytes += static_cast<char>(value);
  };
  varint(static_cast<std::uint64_t>(number) << 3 | 2);
  varint(content.size());
  return bytes + content;
}

void expect_wire_refused(const std::string& addition, std::string_view word) {
  auto bytes = small_network().bytes();
  bytes.insert(bytes.end(), addition.begin(), addition.end());  // of one message in two pieces a reader makes one
  expect_refused(bytes, ErrorCode::kBadData, word);
}

TEST(OnnxFile, PartsThatViBaDoesNotTakeAreRefused) {
  const std::string sparse = field(1, field(8, "values"));
  expect_wire_refused(field(25, field(1, "function")), "functions");
  expect_wire_refused(field(20, "training"), "training");
  expect_wire_refused(field(7, field(15, sparse)), "sparse");
  expect_wire_refused(field(7, field(1, field(5, field(22, sparse)))), "sparse");
  expect_wire_refused(field(7, field(1, field(5, field(6, field(15, sparse))))), "sparse");
}

TEST(OnnxFile, FewBytesThatBecomeMuchAreRefusedBeforeTheyDo) {
  std::string many;
  for (int i = 0; i < 1'000'001; ++i) many += std::string("\x2a\x00", 2);  // weights without anything in them
  expect_wire_refused(field(7, many), "parts");
  const std::string numbers = field(7, std::string(std::size_t{1} << 26, '\1'));  // whole numbers of one byte each
  expect_wire_refused(field(7, field(5, numbers + numbers)), "memory");
}

TEST(OnnxFile, ALargePictureThroughASmallFileIsRefused) {
  OnnxFileBuilder file;
  auto builder = file.builder();
  builder.add_input("in", {1, 3, 8192, 8192});
  builder.add_node("GlobalAveragePool", {"in"}, "out", {1, 3, 1, 1});
  builder.add_output("out", {1, 3, 1, 1});
  const auto bytes = file.bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto session = OnnxSession::create(shared_engine(), text, "own.onnx");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kUnsupported) << session.error().message;
}

TEST(OnnxFile, TheWorkOfANetworkOfUnknownSizesIsUnknown) {
  auto file = small_network();
  file.builder().add_node("Conv", {"nowhere", "weights"}, "more", {});
  file.graph.mutable_value_info()->RemoveLast();
  const auto checked = onnx::check_file(file.bytes(), "own.onnx");
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_EQ(checked->million_multiply_adds, 0);
}

TEST(OnnxFile, WhatIsNoneIsRefused) {
  expect_refused({}, ErrorCode::kBadData);
  const std::string text = "{\"modelTopology\": {}}";
  expect_refused({text.begin(), text.end()}, ErrorCode::kBadData);
  expect_refused(OnnxFileBuilder().bytes(), ErrorCode::kBadData);
  // Graphs inside one another without an end.
  onnx::Graph graph = small_network().graph;
  for (int i = 0; i < 300; ++i) {
    onnx::Graph outer = small_network().graph;
    *outer.mutable_node(0)->add_attribute()->mutable_g() = std::move(graph);
    graph = std::move(outer);
  }
  OnnxFileBuilder deep;
  deep.graph = std::move(graph);
  expect_refused(deep.bytes(), ErrorCode::kBadData);
}

TEST(OnnxFile, WhatContradictsItselfIsTheRuntimesToRefuse) {
  auto cycle = small_network();
  cycle.graph.mutable_node(0)->set_input(0, "out");
  auto dangling = small_network();
  dangling.graph.mutable_node(0)->set_input(0, "nowhere");
  auto unknown = small_network();
  unknown.graph.mutable_node(0)->set_op_type("Consolidate");
  for (const auto& file : {cycle, dangling, unknown}) {
    const TemporaryFile saved("own.onnx", file.bytes());
    const auto opened = open_model_file(saved.path());
    ASSERT_TRUE(opened) << opened.error().message;
    const auto network = (*opened)->network(
        {.inputs = (*opened)->signature().inputs, .numbers = {}, .outputs = {"out"}}, shared_engine());
    ASSERT_FALSE(network);
    EXPECT_NE(network.error().message.find(saved.path()), std::string::npos) << network.error().message;
    expect_sentence(network.error());
  }
}

/// Whatever is not refused in a sentence is a network that the runtime can make ready or refuse.
TEST(OnnxFile, DamageIsSurvived) {
  const auto whole = small_network().bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto file = onnx::check_file({whole.begin(), whole.begin() + std::ptrdiff_t(length)}, "own.onnx");
    if (!file) expect_sentence(file.error());
  }
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    auto bytes = whole;
    for (int flip = 0; flip <= i % 4; ++flip) bytes[random() % bytes.size()] ^= std::uint8_t(1U << random() % 8);
    const auto file = onnx::check_file(bytes, "own.onnx");
    if (!file) {
      expect_sentence(file.error());
      continue;
    }
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto session = OnnxSession::create(shared_engine(), text, "own.onnx");
    if (!session) {
      EXPECT_FALSE(session.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace viba::test
