#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "onnx_subset.pb.h"
#include "segment/model_files.h"
#include "segment/onnx_graph_builder.h"

namespace viba::test {
namespace {

/// 1.6 GB of floats: over the bound, and little enough for most machines to have, should it be missing.
constexpr std::int64_t kHuge = 400'000'000;

/// y = x + the sum of what `make_huge` leaves in "huge".
template <class F>
std::string hostile_model(F make_huge) {
  onnx::Graph graph;
  onnx::GraphBuilder builder(graph);
  builder.add_input("x", {1});
  make_huge(builder);
  builder.add_node("ReduceSum", {"huge"}, "sum", {1});
  builder.add_node("Add", {"x", "sum"}, "y", {1});
  builder.add_output("y", {1});
  graph.clear_value_info();  // they say that all is float, and shapes are not
  return onnx::serialize(std::move(graph));
}

void add_numbers(onnx::GraphBuilder& builder, const std::string& name, std::int64_t number) {
  builder.add_constant(name, {1}, std::span<const std::int64_t>(&number, 1));
}

/// The most memory this process had since `forget_peak`, in MiB.
std::int64_t peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (std::int64_t kib = 0; word == "VmHWM:" && status >> kib) return kib / 1024;
  return -1;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

/// Whatever refuses it, and when, it is refused in words and before it has the memory.
void expect_bounded(const std::string& model) {
  const Engine engine = shared_engine();
  forget_peak();
  const std::int64_t before = peak_mib();
  auto session = OnnxSession::create(engine, model, "hostile.onnx");
  const auto done = session ? session->run() : Result<void>(tl::unexpected(session.error()));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("more than 1 GiB"), std::string::npos) << done.error().message;
  expect_sentence(done.error());
  EXPECT_LT(peak_mib() - before, 1200) << done.error().message;
}

TEST(MemoryBound, AHugeConstantIsNotFolded) {
  expect_bounded(hostile_model([](auto& builder) {
    add_numbers(builder, "shape", kHuge);
    builder.add_node("ConstantOfShape", {"shape"}, "huge", {kHuge});
  }));
}

TEST(MemoryBound, AnInputIsNotExpandedToAHugeTensor) {
  expect_bounded(hostile_model([](auto& builder) {
    add_numbers(builder, "shape", kHuge);
    builder.add_node("Expand", {"x", "shape"}, "huge", {kHuge});
  }));
}

TEST(MemoryBound, AHugeSizeMayBeComputed) {
  expect_bounded(hostile_model([](auto& builder) {
    add_numbers(builder, "one", 1);
    add_numbers(builder, "side", 20'000);
    builder.add_node("ConstantOfShape", {"one"}, "zero", {1});
    builder.add_node("Concat", {"side", "side"}, "shape", {2}, {{"axis", std::int64_t{0}}});
    builder.add_node("Expand", {"zero", "shape"}, "huge", {20'000, 20'000});
  }));
}

/// Each is within the bound, and ten of them at a time are not.
TEST(MemoryBound, ManyLargeTensorsAreOneHugeOne) {
  expect_bounded(hostile_model([](auto& builder) {
    constexpr std::int64_t kLarge = 50'000'000;
    add_numbers(builder, "shape", kLarge);
    std::vector<std::string> parts;
    for (int i = 0; i < 10; ++i)
      builder.add_node("ConstantOfShape", {"shape"}, parts.emplace_back("part" + std::to_string(i)), {kLarge});
    builder.add_node("Concat", parts, "huge", {10 * kLarge}, {{"axis", std::int64_t{0}}});
  }));
}

}  // namespace
}  // namespace viba::test
