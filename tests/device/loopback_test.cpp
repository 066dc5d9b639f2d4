#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr Size kSize = kLoopbackSize;

void expect_chart(const std::string& pictures, Size size, std::size_t count) {
  ASSERT_EQ(pictures.size(), count * yuyv_bytes(size));
  for (std::size_t n = 0; n < count; ++n) {
    for (std::size_t patch = 0; patch < kChart.size(); ++patch) {
      const auto pair = yuyv_pair(pictures, size, n, chart_point(size, patch));
      const YuvColor want = chart_color(patch);
      ASSERT_NEAR(pair[0], want.y, 4) << "picture " << n << " patch " << patch;
      ASSERT_NEAR(pair[1], want.u, 4) << "picture " << n << " patch " << patch;
      ASSERT_NEAR(pair[2], want.y, 4) << "picture " << n << " patch " << patch;
      ASSERT_NEAR(pair[3], want.v, 4) << "picture " << n << " patch " << patch;
    }
  }
}

class Loopback : public LoopbackTest {};

TEST_F(Loopback, GivesAnotherProgramTheRightPictures) {
  auto sink = open(kSize);
  ASSERT_TRUE(sink);
  EXPECT_TRUE(sink->live());
  EXPECT_EQ(sink->name(), "/dev/video20 (viba_cam)");
  ASSERT_TRUE(sink->write(Vouch::safe(chart(pool_, kSize))));  // it is a camera from the first picture on
  Reader reader(folder_, "pictures", 10);
  ASSERT_TRUE(feed(*sink, kSize, reader)) << file_text(reader.log);
  EXPECT_EQ(reader.process.status(), 0) << file_text(reader.log);
  expect_chart(file_text(reader.pictures), kSize, 10);
  EXPECT_TRUE(lines_.lines().empty()) << lines_.lines().front();

  EXPECT_EQ(run({"v4l2-ctl", "-d", kLoopback, "--get-fmt-video", "--get-parm"}, folder_.file("format")), 0);
  EXPECT_THAT(file_text(folder_.file("format")),
              AllOf(HasSubstr("640/360"), HasSubstr("'YUYV'"), HasSubstr("30.000 (30/1)")));
}

TEST_F(Loopback, WorksAgainAfterEachEnd) {
  int round = 0;
  for (const Size size : {kSize, Size{320, 240}, kSize, kSize}) {
    auto sink = open(size);
    ASSERT_TRUE(sink) << "round " << round;
    ASSERT_TRUE(sink->write(Vouch::safe(chart(pool_, size))));
    Reader reader(folder_, "round" + std::to_string(round++), 3);
    ASSERT_TRUE(feed(*sink, size, reader)) << file_text(reader.log);
    expect_chart(file_text(reader.pictures), size, 3);
  }
}

TEST_F(Loopback, OpenedAndClosedWithoutAPictureWorksAgain) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(open(kSize));
}

TEST_F(Loopback, ScalesToTheFormatThatAReaderHolds) {
  constexpr Size kHeld{320, 180};
  auto first = open(kHeld);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->write(Vouch::safe(chart(pool_, kHeld))));
  Reader reader(folder_, "pictures", 40);
  ASSERT_TRUE(feed(*first, kHeld, [&] { return reader.bytes() >= 5 * yuyv_bytes(kHeld); })) << file_text(reader.log);
  first.reset();

  auto second = open(kSize);
  ASSERT_TRUE(second);
  EXPECT_THAT(lines_.lines(), Contains(AllOf(HasSubstr("is held at 320x180 by v4l2-ctl (pid"), HasSubstr("640x360"))));
  ASSERT_TRUE(feed(*second, kSize, reader)) << file_text(reader.log);
  EXPECT_EQ(lines_.lines().size(), 1U) << "it is said once";
  expect_chart(file_text(reader.pictures), kHeld, 40);
}

TEST_F(Loopback, IsNoCamera) {
  const auto sink = open_loopback_sink(kVivid, kSize, 30, {});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(sink.error().message,
              AllOf(HasSubstr("/dev/video0 (vivid) is not a fake camera"), HasSubstr("modprobe")));
}

/// Last in the file: what ffmpeg leaves behind makes 0.12.7 take nothing any more.
TEST_F(Loopback, NamesTheProgramThatFeedsIt) {
  ChildProcess other({"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20", "-pix_fmt",
                      "yuyv422", "-f", "v4l2", kLoopback},
                     folder_.file("ffmpeg.log"));
  ASSERT_TRUE(wait_until([&] { return is_fed(folder_); })) << file_text(folder_.file("ffmpeg.log"));
  const auto sink = open_loopback_sink(kLoopback, kSize, 30, {});
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ErrorCode::kBusy);
  EXPECT_EQ(sink.error().message,
            "/dev/video20 is in use by ffmpeg (pid " + std::to_string(other.pid()) + "): close it there first.");

  other.stop();
  const auto afterwards = open_loopback_sink(kLoopback, kSize, 30, {});
  if (!afterwards) {
    EXPECT_THAT(afterwards.error().message, HasSubstr("load its module anew"));
  }
}

}  // namespace
}  // namespace viba::device_test
