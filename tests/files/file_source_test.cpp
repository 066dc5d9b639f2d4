#include "capture/file_source.h"

#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/test_pictures.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using namespace std::chrono_literals;
using test::TempFolder;

constexpr Size kSize{64, 48};

void write_clip(const std::string& path, double rate, int frames) {
  auto writer = VideoWriter::create(path, kSize, rate, VideoContent::kFrames);
  ASSERT_TRUE(writer) << writer.error().message;
  for (int i = 0; i < frames; ++i) ASSERT_TRUE(writer->write(test::test_frame(kSize, i)));
  ASSERT_TRUE(writer->finish());
}

TEST(FileSource, AsFastAsAskedGivesEveryFrameOnce) {
  const TempFolder folder;
  write_clip(folder / "clip.y4m", 0.1, 6);  // at its own rate it would take a minute
  auto source = open_file_source(folder / "clip.y4m", Pace::kAsFastAsAsked, {}, Fit::kStretch, {});
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_FALSE((*source)->info().live);
  EXPECT_EQ((*source)->info().size, kSize);
  EXPECT_NEAR((*source)->info().frames_per_second, 0.1, 1e-9);
  EXPECT_THAT((*source)->info().name, testing::HasSubstr("clip.y4m"));
  for (int i = 0; i < 6; ++i) {
    const auto frame = (*source)->read({});
    ASSERT_TRUE(frame && *frame) << i;
    EXPECT_EQ((*frame)->info().sequence, std::uint64_t(i));
    EXPECT_EQ((*frame)->info().position, 10s * i);
    EXPECT_TRUE(test::same_pixels(**frame, test::test_frame(kSize, i)));
  }
  EXPECT_FALSE((*source)->read({})->has_value());
  EXPECT_FALSE((*source)->read({})->has_value());
}

TEST(FileSource, RealTimeLoopsWithoutAGap) {
  const TempFolder folder;
  write_clip(folder / "clip.y4m", 200, 3);
  auto source = open_file_source(folder / "clip.y4m", Pace::kRealTime, {}, Fit::kStretch, {});
  ASSERT_TRUE(source);
  EXPECT_TRUE((*source)->info().live);
  for (int i = 0; i < 10; ++i) {
    const auto frame = (*source)->read({});
    ASSERT_TRUE(frame && *frame) << i;
    EXPECT_EQ((*frame)->info().sequence, std::uint64_t(i));
    EXPECT_EQ((*frame)->info().position, 5ms * i);
    EXPECT_TRUE(test::same_pixels(**frame, test::test_frame(kSize, i % 3))) << i;
  }
}

TEST(FileSource, RealTimeIsNeverAheadOfItsTime) {
  const TempFolder folder;
  write_clip(folder / "clip.y4m", 100, 4);
  auto source = open_file_source(folder / "clip.y4m", Pace::kRealTime, {}, Fit::kStretch, {});
  ASSERT_TRUE(source);
  const auto first = (*source)->read({});
  ASSERT_TRUE(first && *first);
  for (int i = 1; i < 7; ++i) {
    const auto frame = (*source)->read({});
    ASSERT_TRUE(frame && *frame);
    EXPECT_GE((*frame)->info().taken + 10ms, (*first)->info().taken + (*frame)->info().position) << i;
    EXPECT_GE(std::chrono::steady_clock::now(), (*frame)->info().taken);
  }
}

TEST(FileSource, AStopEndsTheWait) {
  const TempFolder folder;
  write_clip(folder / "slow.y4m", 0.01, 2);
  auto source = open_file_source(folder / "slow.y4m", Pace::kRealTime, {}, Fit::kStretch, {});
  ASSERT_TRUE(source);
  ASSERT_TRUE((*source)->read({})->has_value());
  std::stop_source stop;
  auto second = std::async(std::launch::async, [&] { return (*source)->read(stop.get_token()); });
  stop.request_stop();  // without it the frame would come after 100 seconds
  const auto frame = second.get();
  ASSERT_TRUE(frame);
  EXPECT_FALSE(frame->has_value());
  EXPECT_FALSE((*source)->read(stop.get_token())->has_value());
}

TEST(FileSource, APictureIsOneFrameOrThirtyASecond) {
  const TempFolder folder;
  ASSERT_TRUE(write_png(folder / "still.png", test::test_frame(kSize)));
  auto once = open_file_source(folder / "still.png", Pace::kAsFastAsAsked, {}, Fit::kStretch, {});
  ASSERT_TRUE(once) << once.error().message;
  EXPECT_EQ((*once)->info().frames_per_second, 0);
  EXPECT_TRUE((*once)->read({})->has_value());
  EXPECT_FALSE((*once)->read({})->has_value());

  auto live = open_file_source(folder / "still.png", Pace::kRealTime, {}, Fit::kStretch, {});
  ASSERT_TRUE(live);
  EXPECT_EQ((*live)->info().frames_per_second, 30);
  const auto first = (*live)->read({});
  ASSERT_TRUE(first && *first);
  for (int i = 1; i < 4; ++i) {
    const auto again = (*live)->read({});
    ASSERT_TRUE(again && *again);
    EXPECT_TRUE(test::same_pixels(**first, **again));
    EXPECT_EQ((*again)->info().sequence, std::uint64_t(i));
    EXPECT_NEAR(std::chrono::duration<double>((*again)->info().position).count(), i / 30.0, 1e-6);
  }
}

TEST(FileSource, ScalesAndSaysItsSize) {
  const TempFolder folder;
  write_clip(folder / "clip.y4m", 30, 2);
  auto source = open_file_source(folder / "clip.y4m", Pace::kAsFastAsAsked, Size{32, 32}, Fit::kCover, {});
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->info().size, (Size{32, 32}));
  EXPECT_EQ((**(*source)->read({})).size(), (Size{32, 32}));
  EXPECT_EQ((**(*source)->read({})).size(), (Size{32, 32}));
}

TEST(FileSource, PassesOnWhatIsWrongWithTheFile) {
  const auto source = open_file_source("/nonexistent/clip.mp4", Pace::kRealTime, {}, Fit::kStretch, {});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace viba
