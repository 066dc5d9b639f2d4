#include "bench_command.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bench_verdict.h"
#include "support/clips.h"

namespace viba::app {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

BenchReport report() {
  BenchReport report;
  report.cpu = "A processor";
  report.cores = 1;
  report.network = "a network, on the CPU";
  report.frames = 300;
  report.frame_ms = {6, 8, 9};
  report.cpu_ms_per_frame = 7;
  report.stages = {{"capture", {1, 1, 1}},
                   {"segment", {3, 4, 4}},
                   {"refine", {1, 1, 1}},
                   {"composite", {1, 1, 1}},
                   {"sinks", {0.5, 0.5, 0.5}}};
  report.network_ms = {2.5, 3, 3};
  report.bare_network_ms = {2.4, 3, 3};
  report.inference_ratio = 2.5 / 2.4;
  report.rest_ms = 3.5;
  report.paced =
      PacedReport{.frames_per_second = 30, .seconds = 10, .latency_ms = {7, 9, 12}, .cpu_seconds_per_second = 0.21};
  report.peak_rss_mb = 100;
  report.start_ms = 200;
  report.allocations_per_frame = 0;
  report.engine_allocations_per_frame = 300;
  return report;
}

std::string file_with(const test::TemporaryFolder& folder, const std::string& text) {
  const std::string file = folder / "bench.json";
  std::ofstream(file) << text;
  return file;
}

TEST(BenchJson, HasTheFiguresByTheirNames) {
  const auto json = bench_as_json(report(), {});
  for (const char* where : {"/viba",
                            "/cpu",
                            "/cores",
                            "/input",
                            "/size/1",
                            "/format",
                            "/background",
                            "/model",
                            "/mask_mode",
                            "/frames",
                            "/warm_up",
                            "/frame_ms/p99",
                            "/cpu_ms_per_frame",
                            "/network_ms/p50",
                            "/bare_network_ms/p50",
                            "/inference_ratio",
                            "/rest_ms",
                            "/stages/capture/p50",
                            "/stages/segment/p95",
                            "/stages/refine/p50",
                            "/stages/composite/p50",
                            "/stages/sinks/p99",
                            "/paced/fps",
                            "/paced/seconds",
                            "/paced/latency_ms/p99",
                            "/paced/cpu_seconds_per_second",
                            "/paced/dropped",
                            "/paced/placeholders",
                            "/peak_rss_mb",
                            "/start_ms",
                            "/allocations_per_frame",
                            "/engine_allocations_per_frame",
                            "/placeholders",
                            "/dropped",
                            "/verdict"})
    EXPECT_TRUE(json.contains(ordered_json::json_pointer(where))) << where;
  EXPECT_EQ(json["frame_ms"]["p95"], 8);
  EXPECT_EQ(json["format"], "yuyv");
  EXPECT_EQ(json["inference_ratio"], 1.0417);
}

TEST(BenchJson, LeavesOutWhatWasNotMeasured) {
  BenchReport less = report();
  less.paced.reset();
  less.allocations_per_frame.reset();
  const auto json = bench_as_json(less, {});
  EXPECT_FALSE(json.contains("paced"));
  EXPECT_FALSE(json.contains("allocations_per_frame"));
  EXPECT_THAT(bench_for_people(json), Not(HasSubstr("latency")));
}

TEST(BenchTable, ShowsEachStageAndEndsWithTheVerdict) {
  const auto json = bench_as_json(report(), {});
  const std::string text = bench_for_people(json);
  for (const char* word : {"A processor, 1 core;", "capture", "its network", "composite", "latency"})
    EXPECT_THAT(text, HasSubstr(word));
  EXPECT_TRUE(text.ends_with(json["verdict"].get<std::string>() + "\n"));
}

TEST(BenchCompare, GivesRatiosOfWhatBothHave) {
  const auto before = bench_as_json(report(), {});
  BenchReport faster = report();
  faster.frame_ms.p50 = 3;
  faster.paced.reset();
  CommandLine line;
  line.options.model_name = "another";
  const auto now = bench_as_json(faster, line);
  const auto figures = compared(before, now);
  EXPECT_EQ(figures["frame_ms.p50"], (ordered_json{{"before", 6.0}, {"now", 3.0}, {"ratio", 0.5}}));
  EXPECT_TRUE(figures["allocations_per_frame"]["ratio"].is_null());
  EXPECT_FALSE(figures.contains("paced.latency_ms.p50"));
  EXPECT_THAT(comparison_for_people(before, now), HasSubstr("another model: selfie instead of another"));
}

TEST(BenchCompare, ReadsWhatWasWritten) {
  const test::TemporaryFolder folder;
  const auto json = bench_as_json(report(), {});
  const auto read = read_earlier(file_with(folder, json.dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, json);
}

TEST(BenchCompare, SaysWhatIsNoSuchFile) {
  const test::TemporaryFolder folder;
  for (const char* text :
       {"", "{", "[]", "{}", "7", R"({"frame_ms": 7})", R"({"frame_ms": {"p50": "7"}})", "\xff\xfe"}) {
    const auto read = read_earlier(file_with(folder, text));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kBadData);
    EXPECT_THAT(read.error().message, HasSubstr("viba bench --json"));
  }
  EXPECT_THAT(read_earlier(folder / "none.json").error().message, HasSubstr("No such file"));
  EXPECT_THAT(read_earlier(folder / "").error().message, HasSubstr("folder"));
}

TEST(BenchCompare, TakesForeignTypesForFiguresThatAreMissing) {
  ordered_json strange = bench_as_json(report(), {});
  strange["paced"] = "no";
  strange["size"] = ordered_json::array({"a", 7});
  strange["cpu"] = nullptr;
  const auto now = bench_as_json(report(), {});
  EXPECT_FALSE(compared(strange, now).contains("paced.latency_ms.p50"));
  EXPECT_THAT(comparison_for_people(strange, now), HasSubstr("another size"));
}

TEST(Verdict, SaysWhatTheMachineDoes) {
  EXPECT_EQ(verdict(report(), {}, MaskMode::kEveryFrame),
            "This machine does 720p30 with a mask for every frame on 21% of one core, 7 ms behind the camera.");
  BenchReport lossy = report();
  lossy.paced->dropped = 3;
  EXPECT_THAT(verdict(lossy, {}, MaskMode::kEveryFrame), HasSubstr("; 3 frames were lost meanwhile."));
}

TEST(Verdict, WithoutAPaceGoesByTheFrames) {
  BenchReport unpaced = report();
  unpaced.paced.reset();
  EXPECT_EQ(verdict(unpaced, {.size = {640, 480}, .frames_per_second = 25}, MaskMode::kEveryFrame),
            "This machine does 640x480 at 25 frames a second with a mask for every frame on 18% of one core.");
}

TEST(Verdict, NamesAWayOutOfWhatIsTooSlow) {
  BenchReport slow = report();
  slow.frame_ms = {40, 50, 60};
  slow.network_ms = {8, 10, 12};
  const auto sentence = verdict(slow, {.size = {1920, 1080}}, MaskMode::kEveryFrame);
  EXPECT_THAT(sentence, HasSubstr("too slow for 1080p30 with a mask for every frame, one of which takes 50 ms of 33"));
  EXPECT_THAT(sentence, HasSubstr("--real-cam-resolution 960x540"));
  EXPECT_THAT(sentence, HasSubstr("--mask-mode latest"));
  slow.network_ms = {35, 40, 45};
  const auto network = verdict(slow, {}, MaskMode::kEveryFrame);
  EXPECT_THAT(network, Not(HasSubstr("--real-cam-resolution")));
  EXPECT_THAT(network, HasSubstr("40 of them the network"));
}

TEST(Verdict, IsNoneWhereMostFramesWereHidden) {
  BenchReport hidden = report();
  hidden.placeholders = 200;
  EXPECT_THAT(verdict(hidden, {}, MaskMode::kEveryFrame), HasSubstr("nothing can be said"));
}

}  // namespace
}  // namespace viba::app
