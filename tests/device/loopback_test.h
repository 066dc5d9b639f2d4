#pragma once

#include <atomic>
#include <sstream>

#include "device/device_test.h"
#include "device/reader.h"
#include "output/loopback_sink.h"

namespace viba::device_test {

using Clock = std::chrono::steady_clock;

inline constexpr Size kLoopbackSize{640, 360};

/// That every picture of a YUYV stream shows the chart.
inline void expect_chart(const std::string& pictures, Size size, std::size_t count) {
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

/// Fakes that a test opens, and what they say.
class LoopbackTest : public testing::Test {
 protected:
  std::unique_ptr<Sink> open(Size size, const std::string& device = kLoopback) {
    auto sink = open_loopback_sink(device, size, 30, lines_.log());
    EXPECT_TRUE(sink) << sink.error().message;
    return sink ? std::move(*sink) : nullptr;
  }

  SafeFrame picture(Size size) { return Vouch::safe(chart(pool_, size)); }

  /// Writes the chart until `done`, looking every few milliseconds. Whether it ever was.
  bool feed(Sink& sink, Size size, const std::function<bool()>& done) {
    const SafeFrame shown = picture(size);
    return wait_until([&] {
      const auto written = sink.write(shown);
      EXPECT_TRUE(written) << written.error().message;
      return !written || done();
    });
  }
  bool feed(Sink& sink, Size size, Reader& reader) {
    return feed(sink, size, [&] { return reader.process.ended_within(std::chrono::milliseconds{0}); });
  }

  /// As ffmpeg, which only writes, does it: YUYV or another format of ffmpeg's, 320x240 at 20 a second.
  /// The last ffmpeg may have left 0.12.7 in a state in which it takes nothing; a sink cures that.
  ChildProcess feed_by_ffmpeg(const std::string& pixels = "yuyv422") {
    (void)open(kLoopbackSize);
    return ChildProcess({"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=20", "-pix_fmt",
                         pixels, "-f", "v4l2", kLoopback},
                        folder_.file("ffmpeg.log"));
  }
  /// Waits until it does, by its own word: without exclusive_caps a reader that came first would hold
  /// the device to another format.
  bool ffmpeg_feeds() {
    return wait_until([&] { return file_text(folder_.file("ffmpeg.log")).find("frame=") != std::string::npos; });
  }

  TemporaryFolder folder_;
  FramePool pool_;
  LogLines lines_;
};

/// Whether pictures come: a reader is turned away or waits until they do.
inline bool gives_pictures(const TemporaryFolder& folder) {
  Reader reader(folder, "first", 1);
  return reader.process.ended_within(std::chrono::milliseconds{1000}) && reader.process.status() == 0 &&
         reader.bytes() > 0;
}

/// loopback_reader.cpp, as a process.
class TurnedReader {
 public:
  TurnedReader(const TemporaryFolder& folder, const std::string& how, const std::string& device = kLoopback)
      : log_(folder.file(how + ".log")), process_({LOOPBACK_READER, how, device}, log_) {
    EXPECT_TRUE(wait_until([&] { return !file_text(log_).empty(); }));
  }

  /// On, or off again. When it was.
  Clock::time_point turn() {
    const auto lines = [&] { return std::ranges::count(file_text(log_), '\n'); };
    const auto before = lines();
    kill(process_.pid(), SIGUSR1);
    EXPECT_TRUE(wait_until([&] { return lines() > before; }));
    std::istringstream text(file_text(log_));
    std::string what;
    Clock::rep when = 0;
    while (text >> what >> when) EXPECT_TRUE(what == "ready" || what == "on" || what == "off") << file_text(log_);
    EXPECT_TRUE(text.eof()) << file_text(log_);
    return Clock::time_point(Clock::duration(when));
  }

 private:
  std::string log_;
  ChildProcess process_;
};

using test::Told;

}  // namespace viba::device_test
