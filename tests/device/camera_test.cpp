#include <algorithm>
#include <array>
#include <thread>

#include <linux/videodev2.h>

#include "capture/v4l2_source.h"
#include "device/device_test.h"
#include "media/v4l2_device.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

class Camera : public testing::Test {
 protected:
  std::unique_ptr<Source> open(CameraRequest request) {
    auto source = open_v4l2_source(kVivid, request, lines_.log());
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }
  static Frame next(Source& source) {
    auto frame = source.read({});
    EXPECT_TRUE(frame) << frame.error().message;
    EXPECT_TRUE(frame && *frame);
    return frame && *frame ? std::move(**frame) : Frame{};
  }
  static void set_control(const std::string& assignment) {
    EXPECT_EQ(run({"v4l2-ctl", "-d", kVivid, "-c", assignment}), 0) << assignment;
  }

  LogLines lines_;
};

TEST_F(Camera, IsListedAsWhatItIs) {
  const auto nodes = list_v4l2_nodes();
  const auto kind = [&](const std::string& path) {
    const auto node = std::ranges::find(nodes, path, &V4l2Node::path);
    return node == nodes.end()                 ? std::string("missing")
           : node->kind == V4l2Kind::kCamera   ? "camera"
           : node->kind == V4l2Kind::kLoopback ? "loopback"
                                               : "other";
  };
  EXPECT_EQ(kind(kVivid), "camera");
  EXPECT_EQ(kind(kVividOutput), "other");
  EXPECT_EQ(kind(kLoopback), "loopback");
}

TEST_F(Camera, GivesPicturesOfTheAskedSizeInOrder) {
  auto source = open({{640, 360}, 30});
  ASSERT_TRUE(source);
  EXPECT_EQ(source->info().size, (Size{640, 360}));
  EXPECT_NEAR(source->info().frames_per_second, 30, 0.1);
  EXPECT_TRUE(source->info().live);
  EXPECT_EQ(source->info().name, "vivid (/dev/video0)");
  std::chrono::nanoseconds last{-1};
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Frame frame = next(*source);
    ASSERT_EQ(frame.size(), (Size{640, 360}));
    EXPECT_EQ(frame.info().sequence, i);
    EXPECT_GT(frame.info().position, last);
    last = frame.info().position;
  }
}

TEST_F(Camera, ShowsTheColoursOfItsTestPicture) {
  auto source = open({{640, 360}, 30});
  ASSERT_TRUE(source);
  const Frame frame = next(*source);
  ASSERT_FALSE(frame.empty());
  // vivid's bars of 75 per cent.
  constexpr std::array<std::array<int, 3>, 8> kBars{
      {{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {0, 0, 0}}};
  for (std::size_t bar = 0; bar < kBars.size(); ++bar) {
    const auto [red, green, blue] = kBars[bar];
    const YuvColor want = yuv_of_rgb(red, green, blue);
    const int x = int(80 * bar + 40);
    EXPECT_NEAR(frame.y().row(340)[x], want.y, 4) << "bar " << bar;
    EXPECT_NEAR(frame.u().row(170)[x / 2], want.u, 4) << "bar " << bar;
    EXPECT_NEAR(frame.v().row(170)[x / 2], want.v, 4) << "bar " << bar;
  }
}

TEST_F(Camera, SaysWhatItGivesInsteadOfWhatWasAsked) {
  auto source = open({{1280, 720}, 30});
  ASSERT_TRUE(source);
  EXPECT_EQ(source->info().size, (Size{1280, 720}));
  EXPECT_NEAR(source->info().frames_per_second, 12.5, 0.1);
  EXPECT_EQ(next(*source).size(), (Size{1280, 720}));
  EXPECT_THAT(lines_.lines(), Contains(AllOf(HasSubstr("gives 1280x720 at 12.5 frames a second"),
                                             HasSubstr("30 frames a second were asked for"))));
}

TEST_F(Camera, TakesTheNearestSize) {
  auto source = open({{700, 400}, 30});
  ASSERT_TRUE(source);
  EXPECT_EQ(source->info().size, (Size{640, 360}));
  EXPECT_EQ(next(*source).size(), (Size{640, 360}));
  EXPECT_THAT(lines_.lines(), Contains(HasSubstr("; 700x400 was asked for")));
}

TEST_F(Camera, EndsTheWaitAtOnceWhenAskedToStop) {
  auto source = open({{640, 360}, 1});
  ASSERT_TRUE(source);
  (void)next(*source);
  std::stop_source stop;
  std::jthread asks([&] { stop.request_stop(); });
  const auto stopped = source->read(stop.get_token());
  ASSERT_TRUE(stopped);
  EXPECT_FALSE(*stopped);
  EXPECT_FALSE(next(*source).empty()) << "the stop of one reader does not end the source";
}

TEST_F(Camera, SkipsAPictureThatTheCameraFlags) {
  auto source = open({{320, 180}, 30});
  ASSERT_TRUE(source);
  (void)next(*source);
  set_control("inject_v4l2_buf_flag_error=1");
  // Pictures filled before the injection may still come; then the flagged one is passed over.
  for (int i = 0; i < 8; ++i) EXPECT_FALSE(next(*source).empty());
  EXPECT_EQ(source->skipped(), 1U);
  EXPECT_THAT(lines_.lines(), Contains(HasSubstr("gave a damaged picture, which is skipped")));
}

TEST_F(Camera, SaysSoWhenNoPicturesCome) {
  auto source = open({{320, 180}, 30});
  ASSERT_TRUE(source);
  (void)next(*source);
  set_control("percentage_of_dropped_buffers=100");
  Result<std::optional<Frame>> read = std::optional<Frame>{};
  for (int i = 0; i < 8 && read; ++i) read = source->read({});
  set_control("percentage_of_dropped_buffers=0");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_THAT(read.error().message, HasSubstr("vivid (/dev/video0) gives no pictures"));
}

TEST_F(Camera, NamesTheProgramThatUsesIt) {
  const TemporaryFolder folder;
  const ChildProcess other({"v4l2-ctl", "-d", kVivid, "--stream-mmap", "--stream-count=100000"}, folder.file("log"));
  // It prints a sign for each picture that it gets.
  ASSERT_TRUE(wait_until([&] { return file_text(folder.file("log")).find('<') != std::string::npos; }));
  const auto busy = open_v4l2_source(kVivid, {{640, 360}, 30}, {});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, ErrorCode::kBusy);
  EXPECT_EQ(busy.error().message, "vivid (/dev/video0) is in use by v4l2-ctl (pid " + std::to_string(other.pid()) +
                                      "): close it there first.");
}

TEST_F(Camera, IsNotAnOutputOrAnIdleLoopback) {
  const auto output = open_v4l2_source(kVividOutput, {}, {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(output.error().message, AllOf(HasSubstr(kVividOutput), HasSubstr("is not a camera")));
  const auto loopback = open_v4l2_source(kLoopback, {}, {});
  ASSERT_FALSE(loopback);
  EXPECT_EQ(loopback.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(loopback.error().message, AllOf(HasSubstr(kLoopback), HasSubstr("no program feeds")));
}

/// Last in the file: the camera stays unplugged.
TEST_F(Camera, UnpluggedEndsTheSourceWithAnError) {
  auto source = open({{640, 360}, 30});
  ASSERT_TRUE(source);
  (void)next(*source);
  std::jthread unplugs([] { set_control("disconnect=1"); });
  Result<std::optional<Frame>> read = std::optional<Frame>{};
  for (int i = 0; i < 1000 && read; ++i) read = source->read({});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_THAT(read.error().message, AllOf(HasSubstr("vivid (/dev/video0)"), HasSubstr("unplugged")));
  const auto again = open_v4l2_source(kVivid, {}, {});
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("plug it in"));
}

}  // namespace
}  // namespace viba::device_test
