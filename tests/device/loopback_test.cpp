#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

constexpr Size kSize = kLoopbackSize;

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

}  // namespace
}  // namespace viba::device_test
