#include "segment/tflite_importer.h"

#include <gtest/gtest.h>

#include "onnx_subset.pb.h"
#include "segment/model_files.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tflite_file_builder.h"

namespace viba::test {
namespace {

using tflite::BuiltinOperator;
using tflite::OperatorOptions;
using tflite::Padding;

Error refusal_of(std::vector<std::uint8_t> bytes) {
  const auto model = tflite::check_model(std::move(bytes), "small.tflite");
  if (!model) return model.error();
  onnx::Graph graph;
  const auto done = tflite::import_model(*model, graph);
  return done ? Error{ErrorCode::kInternal, ""} : done.error();
}

void expect_says(const Error& error, ErrorCode code, std::initializer_list<std::string_view> words) {
  EXPECT_EQ(error.code, code) << error.message;
  for (const auto word : words) EXPECT_NE(error.message.find(word), std::string::npos) << error.message;
  expect_sentence(error);
}

/// Runs a network of one input and gives its one output.
std::vector<float> run(std::vector<std::uint8_t> bytes, const std::vector<float>& input) {
  const auto model = tflite::check_model(std::move(bytes), "small.tflite");
  EXPECT_TRUE(model) << model.error().message;
  onnx::Graph graph;
  const auto done = tflite::import_model(*model, graph);
  EXPECT_TRUE(done) << done.error().message;
  auto session = OnnxSession::create(shared_engine(), onnx::serialize(graph), "small.tflite");
  EXPECT_TRUE(session) << session.error().message;
  std::copy(input.begin(), input.end(), session->input_values(0).begin());
  EXPECT_TRUE(session->run());
  return session->outputs()[0].values;
}

TEST(TfliteImporter, AnUnknownOperatorIsNamedWithTensorAndFile) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int out = file.add_tensor("odd_one", {1, 4, 4, 3});
  file.add_operator(BuiltinOperator::COS, {in}, {out});
  expect_says(refusal_of(file.finish({in}, {out})), ErrorCode::kUnsupported, {"COS", "odd_one", "small.tflite"});
}

TEST(TfliteImporter, AnUnknownCustomOperatorIsNamed) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int out = file.add_tensor("odd_one", {1, 4, 4, 3});
  file.add_custom_operator("Wonder\nful", {in}, {out});
  expect_says(refusal_of(file.finish({in}, {out})), ErrorCode::kUnsupported, {"Wonder?ful", "odd_one"});
}

TEST(TfliteImporter, ATensorOfAbsurdSizeIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 60000, 60000, 3});
  file.add_operator(BuiltinOperator::RELU, {in}, {in});
  expect_says(refusal_of(file.finish({in}, {in})), ErrorCode::kUnsupported, {"\"in\"", "memory"});
}

TEST(TfliteImporter, ManyLargeTensorsAreRefusedTogether) {
  TfliteFileBuilder file;
  for (int i = 0; i < 3; ++i) file.add_tensor("big", {1, 4096, 4096, 3});
  file.add_operator(BuiltinOperator::RELU, {0}, {1});
  expect_says(refusal_of(file.finish({0}, {1})), ErrorCode::kUnsupported, {"memory"});
}

TEST(TfliteImporter, AnIndexBeyondTheTensorsIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  file.add_operator(BuiltinOperator::RELU, {in}, {7});
  expect_says(refusal_of(file.finish({in}, {in})), ErrorCode::kBadData, {"does not have"});
}

TEST(TfliteImporter, ACycleIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int a = file.add_tensor("a", {1, 4, 4, 3});
  const int b = file.add_tensor("b", {1, 4, 4, 3});
  file.add_operator(BuiltinOperator::RELU, {b}, {a});
  file.add_operator(BuiltinOperator::RELU, {a}, {b});
  expect_says(refusal_of(file.finish({in}, {b})), ErrorCode::kUnsupported, {"RELU", "\"b\""});
}

TEST(TfliteImporter, ASizeThatContradictsIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int out = file.add_tensor("out", {1, 4, 5, 3});
  file.add_operator(BuiltinOperator::RELU, {in}, {out});
  expect_says(refusal_of(file.finish({in}, {out})), ErrorCode::kBadData, {"declares 4x5x3", "makes 4x4x3"});
}

TEST(TfliteImporter, AConvolutionWithoutStrideIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 1});
  const int filter = file.add_tensor("filter", {1, 1, 1, 1}, {1});
  const int out = file.add_tensor("out", {1, 4, 4, 1});
  file.add_operator(BuiltinOperator::CONV_2D, {in, filter}, {out}, OperatorOptions::Conv2DOptions,
                    tflite::CreateConv2DOptions(file.raw(), Padding::SAME, 0, 0));
  expect_says(refusal_of(file.finish({in}, {out})), ErrorCode::kBadData, {"CONV_2D", "stride"});
}

/// With 5 cells, stride 2 and window 2, SAME adds its one cell behind: the last window sees 5 and 0.
TEST(TfliteImporter, SamePaddingPutsTheOddCellBehind) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 1, 5, 1});
  const int filter = file.add_tensor("filter", {1, 1, 2, 1}, {1, 10});
  const int out = file.add_tensor("out", {1, 1, 3, 1});
  file.add_operator(BuiltinOperator::CONV_2D, {in, filter, -1}, {out}, OperatorOptions::Conv2DOptions,
                    tflite::CreateConv2DOptions(file.raw(), Padding::SAME, 2, 2));
  EXPECT_EQ(run(file.finish({in}, {out}), {1, 2, 3, 4, 5}), (std::vector<float>{21, 43, 5}));
}

/// Channel c of the picture gives channels 2c and 2c + 1.
TEST(TfliteImporter, ADepthwiseConvolutionKeepsTheOrderOfItsChannels) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 1, 1, 2});
  const int filter = file.add_tensor("filter", {1, 1, 1, 4}, {1, 10, 100, 1000});
  const int bias = file.add_tensor("bias", {4}, {0.5, 0.5, 0.5, -1e6});
  const int out = file.add_tensor("out", {1, 1, 1, 4});
  file.add_operator(
      BuiltinOperator::DEPTHWISE_CONV_2D, {in, filter, bias}, {out}, OperatorOptions::DepthwiseConv2DOptions,
      tflite::CreateDepthwiseConv2DOptions(file.raw(), Padding::VALID, 1, 1, 2, tflite::Activation::RELU6));
  EXPECT_EQ(run(file.finish({in}, {out}), {0.25, 3}), (std::vector<float>{0.75, 3, 6, 0}));
}

TEST(TfliteImporter, HalfFloatsAreWidened) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 1, 1, 1});
  // 1, -2, the smallest number above 0, 65504
  const int half = file.add_raw_tensor("half", {4, 1, 1, 1}, tflite::TensorType::FLOAT16,
                                       {0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b});
  const int filter = file.add_tensor("filter", {4, 1, 1, 1});
  const int out = file.add_tensor("out", {1, 1, 1, 4});
  file.add_operator(BuiltinOperator::DEQUANTIZE, {half}, {filter});
  file.add_operator(BuiltinOperator::CONV_2D, {in, filter}, {out}, OperatorOptions::Conv2DOptions,
                    tflite::CreateConv2DOptions(file.raw(), Padding::VALID, 1, 1));
  EXPECT_EQ(run(file.finish({in}, {out}), {1}), (std::vector<float>{1, -2, 1.0F / (1 << 24), 65504}));
}

TEST(TfliteImporter, HardSwishIsThatOfItsDefinition) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 1, 5, 1});
  const int out = file.add_tensor("out", {1, 1, 5, 1});
  file.add_operator(BuiltinOperator::HARD_SWISH, {in}, {out});
  const auto values = run(file.finish({in}, {out}), {-4, -1.5, 0, 1.5, 4});
  const std::vector<float> expected{0, -0.375, 0, 1.125, 4};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(values[i], expected[i], 1e-6F);
}

}  // namespace
}  // namespace viba::test
