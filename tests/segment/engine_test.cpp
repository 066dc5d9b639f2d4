#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "segment/gpu.h"
#include "segment/model_files.h"
#include "segment/vulkan_devices.h"

namespace viba::test {
namespace {

struct Heard {
  std::vector<std::string> lines;
  Log log{[this](LogLevel, std::string_view line) { lines.emplace_back(line); }};
};

TEST(Engine, IsTheProcessorUnlessAGpuIsAskedFor) {
  Heard heard;
  const auto engine = make_engine({}, heard.log);
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(engine->provider, Provider::kCpu);
  EXPECT_EQ(engine->device, "the CPU");
  EXPECT_TRUE(heard.lines.empty());
}

TEST(Engine, SmallNetworksGetOneThreadAndLargeOnesAll) {
  const Engine engine;
  EXPECT_EQ(engine.threads_for(59), 1);
  EXPECT_EQ(engine.threads_for(5000), std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

TEST(Engine, ThreadsThatAreAskedForAreTaken) {
  const auto engine = make_engine({.threads = 3}, {});
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(engine->threads_for(1), 3);
  EXPECT_EQ(engine->threads_for(5000), 3);
}

TEST(Engine, TakesOnlyTheLibraryThatIsAskedFor) {
  const auto engine = make_engine({.ort_library = "/nonexistent/libonnxruntime.so.1"}, {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kNotFound);
  EXPECT_NE(engine.error().message.find("--ort-library /nonexistent/libonnxruntime.so.1"), std::string::npos);
}

/// The runtime with GPU providers, where `./scripts/run --with-gpu` has put it; otherwise the usual one.
Options with_best_runtime(Gpu gpu) {
  const std::string fetched = VIBA_SOURCE_DIR "/build/deps/onnxruntime-gpu/lib/libonnxruntime.so.1";
  return {.gpu = gpu, .ort_library = std::filesystem::exists(fetched) ? fetched : ""};
}

class WithoutGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto engine = make_engine(with_best_runtime(Gpu::kAny), {}))
      GTEST_SKIP() << "this machine has a GPU: " << engine->device;
  }
};

TEST_F(WithoutGpu, AForcedOneFailsWithTheReasonOfEachWay) {
  const auto engine = make_engine(with_best_runtime(Gpu::kAny), {});
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kUnsupported);
  for (const char* word : {"--use-gpu", "CUDA", "WebGPU", "run on the CPU"})
    EXPECT_NE(engine.error().message.find(word), std::string::npos) << engine.error().message;
  expect_sentence(engine.error());
}

TEST_F(WithoutGpu, ANamedWayFailsWithItsReasonAlone) {
  const auto engine = make_engine(with_best_runtime(Gpu::kCuda), {});
  ASSERT_FALSE(engine);
  EXPECT_TRUE(engine.error().message.starts_with("--gpu cuda: ")) << engine.error().message;
  EXPECT_EQ(engine.error().message.find("WebGPU:"), std::string::npos) << engine.error().message;
  expect_sentence(engine.error());
}

TEST_F(WithoutGpu, AutoTakesTheProcessorAndSaysSoInOneLine) {
  Heard heard;
  testing::internal::CaptureStderr();
  const auto engine = make_engine(with_best_runtime(Gpu::kAuto), heard.log);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(engine->provider, Provider::kCpu);
  EXPECT_EQ(engine->device, "the CPU");
  ASSERT_EQ(heard.lines.size(), 1U);
  for (const char* word : {"CUDA", "WebGPU", "the network runs on the CPU"})
    EXPECT_NE(heard.lines[0].find(word), std::string::npos) << heard.lines[0];
}

TEST(Engine, SoftwareCountsAsAGpuOnlyWhenItIsNamed) {
  const auto devices = vulkan_devices();
  if (devices.found.empty() || !devices.found.front().software)
    GTEST_SKIP() << "this machine has no software Vulkan driver, or a GPU besides";
  const auto runtime = make_engine(with_best_runtime(Gpu::kOff), {});
  ASSERT_TRUE(runtime);
  Engine engine = *runtime;
  engine.provider = Provider::kWebGpu;
  if (!engine.runtime->has_provider("WebGpuExecutionProvider"))
    GTEST_SKIP() << "the runtime has no WebGPU; ./scripts/run --with-gpu fetches one that has";
  const auto refused = try_gpu(engine, false);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().find("which is software"), std::string::npos) << refused.error();
}

}  // namespace
}  // namespace viba::test
