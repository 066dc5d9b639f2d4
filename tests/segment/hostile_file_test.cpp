#include <gtest/gtest.h>

#include <random>
#include <string_view>

#include "onnx_subset.pb.h"
#include "segment/model_files.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tflite_file_builder.h"
#include "segment/tflite_importer.h"

namespace viba::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// What becomes of a file: the network's ONNX bytes, or why there are none.
Result<std::string> import(const Bytes& bytes) {
  const auto model = tflite::check_model(bytes, "model.tflite");
  if (!model) return tl::unexpected(model.error());
  onnx::Graph graph;
  if (auto done = tflite::import_model(*model, graph); !done) return tl::unexpected(std::move(done).error());
  return onnx::serialize(std::move(graph));
}

void expect_refused(const Bytes& bytes) {
  const auto result = import(bytes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kBadData) << result.error().message;
  EXPECT_NE(result.error().message.find("model.tflite"), std::string::npos) << result.error().message;
  expect_sentence(result.error());
}

Bytes bytes_of_text(std::string_view text) { return {text.begin(), text.end()}; }

class HostileFile : public testing::TestWithParam<const char*> {
 protected:
  Bytes whole_ = bytes_of(model_path(GetParam()));
};

TEST_P(HostileFile, TruncatedAnywhereIsRefused) {
  ASSERT_TRUE(import(whole_));
  constexpr std::size_t kCuts = 200;
  for (std::size_t i = 0; i < kCuts; ++i)
    expect_refused(Bytes(whole_.begin(), whole_.begin() + static_cast<std::ptrdiff_t>(whole_.size() * i / kCuts)));
  for (std::size_t i = 1; i <= 16; ++i)
    expect_refused(Bytes(whole_.begin(), whole_.end() - static_cast<std::ptrdiff_t>(i)));
}

/// Many flips only change a weight, and then the file is as good as any; whatever is refused is
/// refused in a sentence, and whatever is not is a network that the runtime can make ready.
TEST_P(HostileFile, FlippedBitsAreSurvived) {
  std::mt19937 random(1);
  int refused = 0;
  constexpr int kFlips = 400;
  for (int i = 0; i < kFlips; ++i) {
    Bytes bytes = whole_;
    const int bits = 1 + i % 4;
    // The tables stand at both ends of the file, the weights between them.
    const std::size_t ends = 20'000;
    for (int bit = 0; bit < bits; ++bit) {
      const std::size_t place = random() % ends;
      bytes[place < ends / 2 ? place : bytes.size() - (place - ends / 2) - 1] ^=
          static_cast<std::uint8_t>(1U << random() % 8);
    }
    const auto result = import(bytes);
    if (!result) {
      expect_sentence(result.error());
      ++refused;
    } else if (i % 8 == 0) {
      const auto session = OnnxSession::create(shared_engine(), *result, "model.tflite");
      if (!session) expect_sentence(session.error());
    }
  }
  std::cout << GetParam() << ": " << refused << " of " << kFlips << " refused\n";
  EXPECT_GT(refused, kFlips / 10);
}

INSTANTIATE_TEST_SUITE_P(Selfie, HostileFile, testing::Values("selfie", "selfie-landscape"),
                         [](const auto& param) { return std::string(param.index == 0 ? "General" : "Landscape"); });

/// Small files that unfold: the format lets tables share lists, and operators share weights.
void expect_too_large(const Bytes& bytes, std::string_view word) {
  const auto result = import(bytes);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kUnsupported);
  EXPECT_NE(result.error().message.find(word), std::string::npos) << result.error().message;
  expect_sentence(result.error());
}

TEST(UnfoldingFile, ALongListOfInputsIsRefused) {
  TfliteFileBuilder file;
  const int in = file.add_tensor("in", {1, 4, 4, 3});
  const int out = file.add_tensor("out", {1, 4, 4, 3});
  file.add_operator(tflite::BuiltinOperator::RELU, std::vector(100'000, in), {out});
  expect_too_large(file.finish({in}, {out}), "joins");
}

TEST(UnfoldingFile, OneTableReadManyTimesIsRefused) {
  flatbuffers::FlatBufferBuilder raw;
  const auto buffer = tflite::CreateBuffer(raw);
  const auto code = tflite::CreateOperatorCode(raw, 0, 0, 1, tflite::BuiltinOperator::RELU);
  const auto tensor = tflite::CreateTensor(raw, raw.CreateVector(std::vector{1, 1, 1, 1}));
  const auto op = tflite::CreateOperator(raw, 0, raw.CreateVector(std::vector(100, 0)));
  const auto file = [&](std::size_t tensors, std::size_t operators) {
    const auto graph = tflite::CreateSubGraph(raw, raw.CreateVector(std::vector(tensors, tensor)), 0, 0,
                                              raw.CreateVector(std::vector(operators, op)));
    tflite::FinishModelBuffer(raw, tflite::CreateModel(raw, 3, raw.CreateVector(&code, 1), raw.CreateVector(&graph, 1),
                                                       0, raw.CreateVector(&buffer, 1)));
    return Bytes(raw.GetBufferPointer(), raw.GetBufferPointer() + raw.GetSize());
  };
  expect_too_large(file(1, 100'000), "operators");
  expect_too_large(file(100'000, 1), "tensors");
}

TEST(UnfoldingFile, WeightsThatManyOperatorsCopyAreRefused) {
  TfliteFileBuilder file;
  constexpr int kChannels = 1 << 18;
  const int in = file.add_tensor("in", {1, 1, 1, kChannels});
  const int filter = file.add_tensor("filter", {1, 1, 1, kChannels}, std::vector(kChannels, 1.0F));
  int out = in;
  for (int i = 0; i < 300; ++i) {
    out = file.add_tensor("out", {1, 1, 1, 1});
    file.add_operator(tflite::BuiltinOperator::CONV_2D, {in, filter}, {out}, tflite::OperatorOptions::Conv2DOptions,
                      tflite::CreateConv2DOptions(file.raw(), tflite::Padding::SAME, 1, 1));
  }
  expect_too_large(file.finish({in}, {out}), "memory");
}

TEST(WrongFile, EmptyIsRefused) { expect_refused({}); }
TEST(WrongFile, TextIsRefused) {
  expect_refused(bytes_of_text("This is no neural network at all, only a few words.\n"));
}
TEST(WrongFile, PngIsRefused) { expect_refused(bytes_of_text("\x89PNG\r\n\x1a\n....IHDR........")); }
TEST(WrongFile, OnlyTheIdentifierIsRefused) { expect_refused(bytes_of_text("\xff\xff\xff\x7fTFL3")); }

TEST(WrongFile, AFolderOrNothingIsNamed) {
  for (const std::string& path : {testing::TempDir(), std::string("/nonexistent/model.tflite")}) {
    const auto model = tflite::read_model(path);
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message.find(path), std::string::npos);
    expect_sentence(model.error());
  }
}

}  // namespace
}  // namespace viba::test
