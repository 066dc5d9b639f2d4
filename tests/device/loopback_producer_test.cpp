#include <linux/videodev2.h>

#include "device/loopback_test.h"
#include "media/v4l2_device.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string in_use_by(const std::string& program, const ChildProcess& process) {
  return "/dev/video20 is in use by " + program + " (pid " + std::to_string(process.pid()) + "): close it there first.";
}

class LoopbackProducer : public LoopbackTest {
 protected:
  /// A reader that goes on whatever becomes of its producer, and has had a picture.
  std::unique_ptr<Reader> lasting_reader() {
    auto reader = std::make_unique<Reader>(folder_, "lasting", 100000);
    EXPECT_TRUE(wait_until([&] { return reader->bytes() > 0; })) << file_text(reader->log);
    return reader;
  }

  void expect_refused(const std::string& why) {
    const auto sink = open_loopback_sink(kLoopback, kLoopbackSize, 30, lines_.log());
    ASSERT_FALSE(sink);
    EXPECT_EQ(sink.error().code, ErrorCode::kBusy);
    EXPECT_EQ(sink.error().message, why);
  }

  /// That the reader that a producer of this format left behind holds the device to it, goes on with
  /// our pictures in it, and is taken for no producer.
  void expect_met(const std::string& pixels, std::uint32_t fourcc) {
    auto ffmpeg = feed_by_ffmpeg(pixels);
    ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
    const auto reader = lasting_reader();
    ffmpeg.stop();
    const auto sink = open(kLoopbackSize);
    ASSERT_TRUE(sink);
    EXPECT_THAT(lines_.lines(),
                ElementsAre(AllOf(HasSubstr("is held at 320x240 by v4l2-ctl (pid"), HasSubstr("scaled from 640x360"))));
    constexpr Size kHeld{320, 240};
    const std::size_t bytes = fourcc == V4L2_PIX_FMT_YUYV ? yuyv_bytes(kHeld) : yuyv_bytes(kHeld) * 3 / 4;
    const std::size_t enough = reader->bytes() + 8 * bytes;
    ASSERT_TRUE(feed(*sink, kLoopbackSize, [&] { return reader->bytes() >= enough; })) << file_text(reader->log);
    reader->process.stop();
    Reader next(folder_, "next", 3, 3);
    ASSERT_TRUE(feed(*sink, kLoopbackSize, next)) << file_text(next.log);
    const std::string pictures = file_text(next.pictures);
    ASSERT_EQ(pictures.size(), 3 * bytes);
    for (std::size_t n = 0; n < 3; ++n) expect_chart_in(pictures.substr(n * bytes, bytes), kHeld, fourcc);
  }

 private:
  static void expect_chart_in(const std::string& picture, Size size, std::uint32_t fourcc) {
    if (fourcc == V4L2_PIX_FMT_YUYV) return expect_chart(picture, size, 1);
    const auto pixels = std::size_t(size.width) * std::size_t(size.height);
    const auto byte = [&](std::size_t at) { return int(std::uint8_t(picture.at(at))); };
    for (std::size_t patch = 0; patch < kChart.size(); ++patch) {
      const auto [x, y] = chart_point(size, patch);
      const auto chroma = std::size_t(y / 2 * (size.width / 2) + x / 2);
      const bool planes = fourcc == V4L2_PIX_FMT_YUV420;
      const YuvColor want = chart_color(patch);
      EXPECT_NEAR(byte(std::size_t(y * size.width + x)), want.y, 4) << "patch " << patch;
      EXPECT_NEAR(byte(pixels + (planes ? chroma : 2 * chroma)), want.u, 4) << "patch " << patch;
      EXPECT_NEAR(byte(planes ? pixels + pixels / 4 + chroma : pixels + 2 * chroma + 1), want.v, 4)
          << "patch " << patch;
    }
  }
};

TEST_F(LoopbackProducer, IsNamedAndNotItsReaders) {
  auto ffmpeg = feed_by_ffmpeg();
  ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
  expect_refused(in_use_by("ffmpeg", ffmpeg));
  const auto reader = lasting_reader();
  expect_refused(in_use_by("ffmpeg", ffmpeg));
}

TEST_F(LoopbackProducer, IsNamedAndNotWhoMerelyHoldsTheDevice) {
  auto ffmpeg = feed_by_ffmpeg();
  ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
  TurnedReader daemon(folder_, "daemon");
  (void)daemon.turn();
  expect_refused(in_use_by("ffmpeg", ffmpeg));
}

/// What `IsNotAProgramOfOursThatOnlyAsks` runs as a program.
TEST(LoopbackAsker, DISABLED_HasTheDeviceOpen) {
  const int device = ::open(kLoopback, O_RDWR | O_CLOEXEC);
  ASSERT_GE(device, 0);
  pause();
}

/// As while `viba devices` looks around.
TEST_F(LoopbackProducer, IsNotAProgramOfOursThatOnlyAsks) {
  auto ffmpeg = feed_by_ffmpeg();
  ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
  const auto reader = lasting_reader();
  ffmpeg.stop();
  const ChildProcess asker({std::filesystem::read_symlink("/proc/self/exe"), "devices",
                            "--gtest_also_run_disabled_tests", "--gtest_filter=LoopbackAsker.*"},
                           folder_.file("asker.log"));
  ASSERT_TRUE(wait_until([&] {
    return holder_of(kLoopback).value_or("").find(std::to_string(asker.pid())) != std::string::npos;
  })) << file_text(folder_.file("asker.log"));
  EXPECT_TRUE(open(kLoopbackSize));
}

TEST_F(LoopbackProducer, MayLeaveTheDeviceAsItLikes) {
  for (int i = 0; i < 2; ++i) {
    auto ffmpeg = feed_by_ffmpeg();
    ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
    if (i == 0) kill(ffmpeg.pid(), SIGINT);
    if (i == 1) ffmpeg.stop();
    (void)ffmpeg.status();
    auto sink = open(kLoopbackSize);
    ASSERT_TRUE(sink);
    ASSERT_TRUE(sink->write(picture(kLoopbackSize)));
    Reader reader(folder_, "pictures", 3);
    EXPECT_TRUE(feed(*sink, kLoopbackSize, reader)) << file_text(reader.log);
    expect_chart(file_text(reader.pictures), kLoopbackSize, 3);
  }
}

TEST_F(LoopbackProducer, LeavesReadersWithYuyv) { expect_met("yuyv422", V4L2_PIX_FMT_YUYV); }
TEST_F(LoopbackProducer, LeavesReadersWithYuv420) { expect_met("yuv420p", V4L2_PIX_FMT_YUV420); }
TEST_F(LoopbackProducer, LeavesReadersWithNv12) { expect_met("nv12", V4L2_PIX_FMT_NV12); }

TEST_F(LoopbackProducer, LeavesAFormatThatIsNotOurs) {
  auto ffmpeg = feed_by_ffmpeg("rgb24");
  ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
  const auto reader = lasting_reader();
  ffmpeg.stop();
  const auto sink = open_loopback_sink(kLoopback, kLoopbackSize, 30, {});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ErrorCode::kBusy);
  EXPECT_THAT(sink.error().message, HasSubstr("is held at 320x240 in RGB3 by v4l2-ctl (pid"));
}

}  // namespace
}  // namespace viba::device_test
