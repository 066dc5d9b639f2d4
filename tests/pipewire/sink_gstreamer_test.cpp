#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "pipewire/sink_test.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using test_picture::Rgb;

constexpr Size kHd{1280, 720};
constexpr std::size_t kFrameBytes = std::size_t{3} * kHd.width * kHd.height;
constexpr int kFrames = 30;
constexpr double kTolerance = 8;

/// The published camera as GStreamer sees it, which nobody of this project wrote.
class SinkGstreamer : public SinkTest {
 protected:
  void SetUp() override {
    SinkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (Process({"gst-inspect-1.0", "pipewiresrc"}).wait() != 0)
      GTEST_SKIP() << "gst-launch-1.0 or its plugin pipewiresrc is not installed";
    sink_ = open("", kHd);
    ASSERT_TRUE(sink_);
    feeder_ = std::jthread([this](const std::stop_token& stop) {
      const auto shown = picture(kHd);
      for (auto due = std::chrono::steady_clock::now(); !stop.stop_requested(); due += 33ms) {
        (void)sink_->write(shown);
        std::this_thread::sleep_until(due);
      }
    });
  }

  /// Some second of frames, as RGB, to a file in the session's folder.
  std::unique_ptr<Process> record(const std::string& format, const std::string& file) {
    const std::string caps = "video/x-raw,format=" + format + ",width=1280,height=720,framerate=30/1,colorimetry=bt601";
    return std::make_unique<Process>(
        std::vector<std::string>{"gst-launch-1.0", "-q", "pipewiresrc", std::string("target-object=") + kCamera,
                                 "num-buffers=" + std::to_string(kFrames), "!", caps, "!", "videoconvert", "!",
                                 "video/x-raw,format=RGB", "!", "filesink", "location=" + path(file)});
  }

  void expect_recorded(Process& recorder, const std::string& file) {
    ASSERT_TRUE(recorder.ended_within(30s));
    EXPECT_EQ(recorder.wait(), 0) << testing::PrintToString(recorder.lines());
    ASSERT_EQ(std::filesystem::file_size(path(file)), kFrames * kFrameBytes);
    std::ifstream frames(path(file), std::ios::binary);
    std::vector<char> bytes(kFrameBytes);
    for (int frame = 0; frame < kFrames; ++frame) {
      frames.read(bytes.data(), kFrameBytes);
      for (int field = 0; field < 8; ++field) {
        const int x = (field % 4 * 2 + 1) * kHd.width / 8;
        const int y = (field / 4 * 2 + 1) * kHd.height / 4;
        const auto* pixel = reinterpret_cast<const std::uint8_t*>(bytes.data()) + 3 * (y * kHd.width + x);
        const Rgb want = test_picture::kChart.at(std::size_t(field));
        const auto where = fmt::format("field {} of frame {}", field, frame);
        EXPECT_NEAR(pixel[0], want.r, kTolerance) << where;
        EXPECT_NEAR(pixel[1], want.g, kTolerance) << where;
        EXPECT_NEAR(pixel[2], want.b, kTolerance) << where;
      }
    }
  }

  [[nodiscard]] std::string path(const std::string& file) const { return session_.folder() + "/" + file; }

  std::unique_ptr<Sink> sink_;
  std::jthread feeder_;
};

TEST_F(SinkGstreamer, SeesTheChartInEachFormat) {
  for (const std::string format : {"I420", "NV12", "YUY2"}) {
    const auto recorder = record(format, format);
    expect_recorded(*recorder, format);
  }
}

/// In one format: PipeWire gives all who watch a camera the same.
TEST_F(SinkGstreamer, SeesItTwiceAtOnce) {
  const auto one = record("I420", "one");
  const auto two = record("I420", "two");
  const auto viewer = start_viewer({"--target", kCamera});
  expect_recorded(*one, "one");
  expect_recorded(*two, "two");
  EXPECT_TRUE(viewer->next_line("frame"));
}

}  // namespace
}  // namespace viba::pipewire_test
