// `viba bench` as a whole: what it counts is right; how long it takes is not asked.

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/clips.h"
#include "support/program.h"

namespace viba {
namespace {

using namespace test;
using nlohmann::json;
using testing::HasSubstr;

class BenchProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(VIBA_BINARY_DIR "/lib/viba/libonnxruntime.so.1") &&
        run_viba("--real-cam-device sample --fake-cam-device null").status != 0)
      GTEST_SKIP() << "there is no ONNX Runtime or model here";
  }

  json measured(const std::string& arguments) {
    const auto outcome = run_viba("bench --json " + arguments + " 2>" + folder / "said");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    return json::parse(outcome.output, nullptr, false);
  }

  TemporaryFolder folder;
};

TEST_F(BenchProgram, MeasuresEachFrameOfTheSample) {
  const json bench = measured("--frames 40 --warm-up 20 --seconds 0 --size 640x360");
  ASSERT_TRUE(bench.is_object());
  EXPECT_EQ(bench["frames"], 40);
  EXPECT_EQ(bench["placeholders"], 0);
  EXPECT_EQ(bench["dropped"], 0);
  EXPECT_EQ(bench["size"], (json{640, 360}));
  EXPECT_FALSE(bench.contains("paced"));
  for (const char* stage : {"capture", "segment", "refine", "composite", "sinks"}) {
    EXPECT_GT(bench["stages"][stage]["p50"], 0) << stage;
    EXPECT_LE(bench["stages"][stage]["p50"], bench["frame_ms"]["p99"]) << stage;
  }
  EXPECT_LT(bench["network_ms"]["p50"], bench["stages"]["segment"]["p50"]);
  EXPECT_GT(bench["bare_network_ms"]["p50"], 0);
  EXPECT_GT(bench["start_ms"], 0);
  EXPECT_GT(bench["peak_rss_mb"], 1);
}

TEST_F(BenchProgram, AllocatesNothingPerFrame) {
  const json bench = measured("--frames 100 --warm-up 60 --seconds 0 --size 640x360 --background blur");
  if (!bench.contains("allocations_per_frame")) GTEST_SKIP() << "sanitizers have an allocator of their own";
  // Pools may grow once more when threads meet late: a few allocations for a buffer, of 100 frames.
  EXPECT_NEAR(bench["allocations_per_frame"].get<double>(), 0, 0.2);
  EXPECT_GT(bench["engine_allocations_per_frame"], 0);
}

TEST_F(BenchProgram, AtACamerasPaceEachFrameIsAccountedFor) {
  const json bench = measured("--format mjpeg --frames 5 --warm-up 5 --seconds 1 --fps 20 --size 320x240");
  ASSERT_TRUE(bench.is_object());
  EXPECT_EQ(bench["paced"]["fps"], 20);
  EXPECT_LE(bench["paced"]["dropped"], 20);
  EXPECT_EQ(bench["paced"]["placeholders"], 0);
  EXPECT_GT(bench["paced"]["cpu_seconds_per_second"], 0);
}

TEST_F(BenchProgram, ComparesWithAnEarlierRun) {
  const std::string few = " --frames 5 --warm-up 2 --seconds 0 --size 320x240";
  std::ofstream(folder / "before.json") << measured(few).dump();
  const json again = measured("--compare " + folder / "before.json" + few);
  EXPECT_TRUE(again["compared"]["frame_ms.p50"]["ratio"].is_number());
  const auto table = run_viba("bench --compare " + folder / "before.json" + few);
  EXPECT_EQ(table.status, 0);
  EXPECT_THAT(table.output, HasSubstr("frame_ms.p50"));
}

TEST_F(BenchProgram, AsksForWhatItCanUse) {
  std::ofstream(folder / "other.json") << "{}";
  const auto other = run_viba("bench --compare " + folder / "other.json");
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.output, HasSubstr("is nothing that viba bench --json has written"));
  const auto missing = run_viba("bench --input " + folder / "none.mp4");
  EXPECT_EQ(missing.status, 1);
  EXPECT_THAT(missing.output, HasSubstr("none.mp4"));
  EXPECT_EQ(run_viba("bench --size 7").status, 2);
}

TEST_F(BenchProgram, ASignalEndsIt) {
  const auto outcome = run_shell("timeout --foreground --preserve-status -s INT 1 " VIBA_BINARY_DIR
                                 "/viba bench --seconds 600 --size 320x240");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.output, HasSubstr("Stopped before"));
}

}  // namespace
}  // namespace viba
