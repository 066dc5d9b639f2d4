// What `viba bench` measures with: percentiles, the clip, and a whole measurement of a few frames.

#include <gtest/gtest.h>

#include <viba/bench.h>

#include "capture/camera_pictures.h"
#include "media/scale.h"
#include "pipeline/bench_clip.h"
#include "pipeline/bench_machine.h"
#include "support/clips.h"

namespace viba {
namespace {

using namespace test;

TEST(PercentilesOf, AreNearestRanks) {
  std::vector<double> times;
  for (int i = 200; i > 0; --i) times.push_back(i);
  const Percentiles all = percentiles_of(times);
  EXPECT_EQ(all.p50, 100);
  EXPECT_EQ(all.p95, 190);
  EXPECT_EQ(all.p99, 198);
}

TEST(PercentilesOf, FewAndNone) {
  EXPECT_EQ(percentiles_of({}).p99, 0);
  EXPECT_EQ(percentiles_of({3}).p50, 3);
  EXPECT_EQ(percentiles_of({2, 1}).p50, 1);
  EXPECT_EQ(percentiles_of({2, 1}).p95, 2);
}

TEST(BenchClip, IsPlayedToAndFro) {
  std::vector<std::size_t> order;
  for (std::uint64_t n = 0; n < 8; ++n) order.push_back(to_and_fro(n, 4));
  EXPECT_EQ(order, (std::vector<std::size_t>{0, 1, 2, 3, 2, 1, 0, 1}));
  EXPECT_EQ(to_and_fro(7, 1), 0U);
}

class BenchClipOf : public testing::TestWithParam<BenchFormat> {};

TEST_P(BenchClipOf, GivesTheCameraCodeTheFilesPictures) {
  constexpr Size kSize{64, 48};
  constexpr int kJpegsError = 6;
  TemporaryFolder folder;
  write_clip(folder / "clip.y4m", kSize, 3);
  auto clip = BenchClip::create(folder / "clip.y4m", {.size = kSize, .format = GetParam()}, {});
  ASSERT_TRUE(clip) << clip.error().message;
  EXPECT_EQ(clip->pictures(), 3U);
  auto pictures = CameraPictures::create("the clip", Log{});
  ASSERT_TRUE(pictures);
  FramePool pool;
  for (const int n : {0, 1, 2, 3}) {
    const auto bytes = clip->load(std::uint64_t(n));
    ASSERT_TRUE(bytes);
    const auto frame = pictures->to_frame(*bytes, clip->setup());
    ASSERT_TRUE(frame && *frame);
    const Frame wanted = numbered_frame(pool, kSize, n < 3 ? n : 1);
    for (int x = 0; x < kSize.width; ++x) {
      ASSERT_NEAR((*frame)->y().row(20)[x], wanted.y().row(20)[x], kJpegsError) << n << " at " << x;
      ASSERT_NEAR((*frame)->u().row(10)[x / 2], 110, kJpegsError);
      ASSERT_NEAR((*frame)->v().row(10)[x / 2], 140, kJpegsError);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BenchClipOf,
                         testing::Values(BenchFormat::kYuyv, BenchFormat::kMjpeg, BenchFormat::kNv12,
                                         BenchFormat::kI420));

TEST(BenchClip, ScalesAndSaysWhatIsWrong) {
  TemporaryFolder folder;
  write_clip(folder / "clip.y4m", {64, 48}, 1);
  auto clip = BenchClip::create(folder / "clip.y4m", {.size = {32, 32}, .format = BenchFormat::kI420}, {});
  ASSERT_TRUE(clip);
  EXPECT_EQ(clip->load(5)->size(), 32U * 32 * 3 / 2);
  const auto missing = BenchClip::create(folder / "none.mp4", {}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

TEST(BenchMachine, TellsOfThisProcess) {
  EXPECT_FALSE(cpu_name().empty());
  EXPECT_GE(usable_cores(), 1);
  EXPECT_GT(peak_resident_mb(), 1);
  ASSERT_TRUE(process_age());
  EXPECT_GT(*process_age(), std::chrono::nanoseconds(0));
  EXPECT_LT(*process_age(), std::chrono::hours(24));
  EXPECT_GT(process_cpu_time(), std::chrono::nanoseconds(0));
}

TEST(Bench, RefusesWhatItCannotMeasure) {
  for (const BenchSettings& settings : {BenchSettings{.frames = 0}, BenchSettings{.warm_up = -1},
                                        BenchSettings{.seconds = -1}, BenchSettings{.frames_per_second = 0}}) {
    const auto report = bench({}, settings, Log{}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kUsage);
  }
}

TEST(Bench, EndsWhenItIsStopped) {
  TemporaryFolder folder;
  write_clip(folder / "clip.y4m", {64, 48}, 2);
  std::stop_source stop;
  stop.request_stop();
  const auto report = bench({}, {.input = folder / "clip.y4m", .size = {64, 48}}, Log{}, stop.get_token());
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kClosed);
}

}  // namespace
}  // namespace viba
