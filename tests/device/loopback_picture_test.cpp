#include <set>
#include <thread>

#include <sys/stat.h>

#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using namespace std::chrono_literals;

/// Writes numbered charts at 30 a second until it goes. A number is a strip at the left, as high as
/// the picture, so that a picture made of two shows two of them.
class NumberedCharts {
 public:
  explicit NumberedCharts(Sink& sink)
      : thread_([this, &sink](const std::stop_token& stop) {
          auto next = Clock::now();
          for (std::uint64_t n = 0; !stop.stop_requested(); ++n) {
            EXPECT_TRUE(sink.write(Vouch::safe(numbered(n))));
            written_ = true;
            std::this_thread::sleep_until(next += 33'333us);
          }
        }) {
    EXPECT_TRUE(wait_until([this] { return written_.load(); }));
  }

  static constexpr int kStrip = 16;

 private:
  Frame numbered(std::uint64_t n) {
    auto frame = pool_.acquire(kLoopbackSize).value();
    copy(plain_, frame);
    const auto level = std::uint8_t(20 + 37 * n % 200);
    for (int y = 0; y < kLoopbackSize.height; ++y) std::fill_n(frame.y().row(y), kStrip, level);
    return std::move(frame).freeze({});
  }

  FramePool pool_;
  Frame plain_ = chart(pool_, kLoopbackSize);
  std::atomic<bool> written_ = false;
  std::jthread thread_;
};

class LoopbackPicture : public LoopbackTest {};

bool is_torn(const std::string& picture) {
  const auto row = std::size_t(2 * kLoopbackSize.width);
  for (std::size_t at = 0; at < picture.size(); at += row)
    for (std::size_t x = 0; x < NumberedCharts::kStrip; ++x)
      if (picture[at + 2 * x] != picture[0]) return true;
  return false;
}

TEST_F(LoopbackPicture, IsRightAndNeverTorn) {
  const auto sink = open(kLoopbackSize);
  ASSERT_TRUE(sink);
  const NumberedCharts charts(*sink);
  const std::string pipe = folder_.file("pictures");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  // The module has two buffers: a reader that keeps one for longer than a picture lasts sees the next
  // but one in it. So the pipe takes a whole picture at once, however long we look at the last one.
  const int whole = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fcntl(whole, F_SETPIPE_SZ, 1 << 20), 1 << 20);
  constexpr int kPictures = 300;
  Reader reader(folder_, "pictures", kPictures, 5);
  std::ifstream pictures(pipe, std::ios::binary);
  pictures.peek();
  close(whole);
  std::string one(yuyv_bytes(kLoopbackSize), '\0');
  std::set<char> numbers;
  int torn = 0;
  int got = 0;
  for (; pictures.read(one.data(), std::streamsize(one.size())); ++got) {
    torn += is_torn(one);
    numbers.insert(one[0]);
    if (got % 10 == 0) expect_chart(one, kLoopbackSize, 1);
  }
  EXPECT_EQ(got, kPictures) << file_text(reader.log);
  EXPECT_EQ(torn, 0);
  EXPECT_GT(numbers.size(), 100U) << "they were different pictures";
}

/// What v4l2-compliance finds wrong with the device, a line each.
std::set<std::string> complaints(const std::string& log) {
  EXPECT_NE(run({"v4l2-compliance", "-d", kLoopback}, log), 127);
  std::istringstream lines(file_text(log));
  std::set<std::string> found;
  bool ended = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("FAIL") != line.npos || line.find("fail:") != line.npos) found.insert(line);
    ended = ended || line.starts_with("Total for");
  }
  EXPECT_TRUE(ended) << file_text(log);
  return found;
}

TEST_F(LoopbackPicture, LeavesTheDeviceAsCompliantAsItIs) {
  std::set<std::string> bare;
  {
    const auto ffmpeg = feed_by_ffmpeg();
    ASSERT_TRUE(ffmpeg_feeds()) << file_text(folder_.file("ffmpeg.log"));
    bare = complaints(folder_.file("bare"));
  }
  const auto sink = open(kLoopbackSize);
  ASSERT_TRUE(sink);
  const NumberedCharts charts(*sink);
  for (const std::string& line : complaints(folder_.file("ours"))) EXPECT_TRUE(bare.contains(line)) << line;
  EXPECT_TRUE(gives_pictures(folder_)) << "it is none the worse for that";
}

/// The module's own controls, each left as it was.
class LoopbackControl : public LoopbackTest {
 protected:
  static void set(const std::string& control, int value) {
    EXPECT_EQ(run({"v4l2-ctl", "-d", kLoopback, "-c", control + "=" + std::to_string(value)}), 0) << control;
  }

  void expect_pictures(Size size) {
    auto sink = open(kLoopbackSize);
    ASSERT_TRUE(sink);
    ASSERT_TRUE(sink->write(picture(kLoopbackSize)));
    Reader reader(folder_, "controlled", 5);
    ASSERT_TRUE(feed(*sink, kLoopbackSize, reader)) << file_text(reader.log);
    ASSERT_NO_FATAL_FAILURE(expect_chart(file_text(reader.pictures), size, 5));
  }
};

/// First here, while the module has only the format that it begins with.
TEST_F(LoopbackControl, AFormatThatNobodyChoseIsLetGo) {
  set("keep_format", 1);
  expect_pictures(kLoopbackSize);
  EXPECT_EQ(run({"v4l2-ctl", "-d", kLoopback, "-C", "keep_format"}, folder_.file("control")), 0);
  EXPECT_EQ(file_text(folder_.file("control")), "keep_format: 1\n") << "it is left as it was";
  EXPECT_THAT(lines_.lines(), testing::Each(testing::HasSubstr("keep_format"))) << "0.12.7 begins with no format";
  set("keep_format", 0);
}

TEST_F(LoopbackControl, KeepFormatIsScaledTo) {
  constexpr Size kKept{320, 180};
  auto first = open(kKept);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->write(picture(kKept)));
  set("keep_format", 1);
  first.reset();
  for (int i = 0; i < 2; ++i) expect_pictures(kKept);
  EXPECT_THAT(lines_.lines(), testing::Each(testing::AllOf(testing::HasSubstr("is held at 320x180 by"),
                                                           testing::HasSubstr("keep_format"))));
  set("keep_format", 0);
  expect_pictures(kLoopbackSize);
}

TEST_F(LoopbackControl, TimeoutAndSustainedRateDoNoHarm) {
  set("timeout", 5000);  // in milliseconds, so that our pictures are always in time
  set("sustain_framerate", 1);
  for (int i = 0; i < 2; ++i) expect_pictures(kLoopbackSize);
  set("timeout", 0);
  set("sustain_framerate", 0);
}

}  // namespace
}  // namespace viba::device_test
