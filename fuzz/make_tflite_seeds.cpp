#include <cstdio>
#include <fstream>
#include <string>

#include "segment/tflite_file_builder.h"

/// Writes .tflite files of a few hundred bytes that have every operator the importer knows, for the
/// fuzzer to begin with. Usage: make_tflite_seeds FOLDER
namespace {

using viba::test::TfliteFileBuilder;
using viba::tflite::Activation;
using viba::tflite::BuiltinOperator;
using viba::tflite::OperatorOptions;
using viba::tflite::Padding;
using viba::tflite::TensorType;

void write(const std::string& path, const std::vector<std::uint8_t>& bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

std::vector<std::uint8_t> bytes_of(std::initializer_list<std::int32_t> numbers) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(numbers.begin());
  return {first, first + numbers.size() * sizeof(std::int32_t)};
}

/// Depthwise convolution, then a gate of one number a channel, as in a squeeze-and-excite block.
std::vector<std::uint8_t> gate() {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 6, 4, 2});
  const int filter = file.add_tensor("depthwise", {1, 3, 3, 2}, std::vector<float>(18, 0.1F));
  const int bias = file.add_tensor("bias", {2}, {0.5F, -0.5F});
  const int deep = file.add_tensor("deep", {1, 3, 2, 2});
  const int mean = file.add_tensor("mean", {1, 1, 1, 2});
  const int half = file.add_raw_tensor("half", {2, 1, 1, 2}, TensorType::FLOAT16, std::vector<std::uint8_t>(8, 0x3c));
  const int wide = file.add_tensor("wide", {2, 1, 1, 2});
  const int scale = file.add_tensor("scale", {1, 1, 1, 2});
  const int sigmoid = file.add_tensor("sigmoid", {1, 1, 1, 2});
  const int out = file.add_tensor("out", {1, 3, 2, 2});
  auto& raw = file.raw();
  file.add_operator(BuiltinOperator::DEPTHWISE_CONV_2D, {in, filter, bias}, {deep},
                    OperatorOptions::DepthwiseConv2DOptions,
                    viba::tflite::CreateDepthwiseConv2DOptions(raw, Padding::SAME, 2, 2, 1, Activation::RELU6));
  file.add_operator(BuiltinOperator::AVERAGE_POOL_2D, {deep}, {mean}, OperatorOptions::Pool2DOptions,
                    viba::tflite::CreatePool2DOptions(raw, Padding::VALID, 1, 1, 2, 3));
  file.add_operator(BuiltinOperator::DEQUANTIZE, {half}, {wide});
  file.add_operator(BuiltinOperator::CONV_2D, {mean, wide, -1}, {scale}, OperatorOptions::Conv2DOptions,
                    viba::tflite::CreateConv2DOptions(raw, Padding::SAME, 1, 1, Activation::RELU));
  file.add_operator(BuiltinOperator::LOGISTIC, {scale}, {sigmoid});
  file.add_operator(BuiltinOperator::MUL, {deep, sigmoid}, {out}, OperatorOptions::MulOptions,
                    viba::tflite::CreateMulOptions(raw));
  return file.finish({in}, {out});
}

/// Enlarges and convolves, as a decoder does.
std::vector<std::uint8_t> decoder() {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 2, 3, 2});
  const int size = file.add_raw_tensor("size", {2}, TensorType::INT32, bytes_of({4, 6}));
  const int large = file.add_tensor("large", {1, 4, 6, 2});
  const int filter = file.add_tensor("filter", {1, 1, 1, 2}, {0.5F, 2});
  const int one = file.add_tensor("one", {1, 4, 6, 1});
  const int swish = file.add_tensor("swish", {1, 4, 6, 1});
  const int relu = file.add_tensor("relu", {1, 4, 6, 1});
  const int sum = file.add_tensor("sum", {1, 4, 6, 1});
  const int windows = file.add_tensor("windows", {1, 2, 2, 1}, {1, 2, 3, 4});
  const int bias = file.add_tensor("bias", {1}, {0.25F});
  const int out = file.add_tensor("out", {1, 8, 12, 1});
  auto& raw = file.raw();
  file.add_operator(BuiltinOperator::RESIZE_BILINEAR, {in, size}, {large}, OperatorOptions::ResizeBilinearOptions,
                    viba::tflite::CreateResizeBilinearOptions(raw, 0, 0, false, true));
  file.add_operator(BuiltinOperator::CONV_2D, {large, filter}, {one}, OperatorOptions::Conv2DOptions,
                    viba::tflite::CreateConv2DOptions(raw, Padding::VALID, 1, 1));
  file.add_operator(BuiltinOperator::HARD_SWISH, {one}, {swish});
  file.add_operator(BuiltinOperator::RELU, {one}, {relu});
  file.add_operator(BuiltinOperator::ADD, {swish, relu}, {sum}, OperatorOptions::AddOptions,
                    viba::tflite::CreateAddOptions(raw, Activation::RELU));
  file.add_custom_operator("Convolution2DTransposeBias", {sum, windows, bias}, {out}, bytes_of({0, 2, 2}));
  return file.finish({in}, {out, sum});
}

std::vector<std::uint8_t> mean() {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int pooled = file.add_tensor("pooled", {1, 2, 2, 3});
  const int axes = file.add_raw_tensor("axes", {2}, TensorType::INT32, bytes_of({1, 2}));
  const int out = file.add_tensor("out", {1, 1, 1, 3});
  auto& raw = file.raw();
  file.add_operator(BuiltinOperator::AVERAGE_POOL_2D, {in}, {pooled}, OperatorOptions::Pool2DOptions,
                    viba::tflite::CreatePool2DOptions(raw, Padding::SAME, 2, 2, 3, 3));
  file.add_operator(BuiltinOperator::MEAN, {pooled, axes}, {out}, OperatorOptions::ReducerOptions,
                    viba::tflite::CreateReducerOptions(raw, true));
  return file.finish({in}, {out});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  write(folder + "/gate.tflite", gate());
  write(folder + "/decoder.tflite", decoder());
  write(folder + "/mean.tflite", mean());
  return 0;
}
