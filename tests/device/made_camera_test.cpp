#include "capture/v4l2_source.h"
#include "device/device_test.h"

namespace viba::device_test {
namespace {

constexpr Size kSize{640, 360};

void write_raw(const std::string& path, const Frame& frame) {
  std::ofstream file(path, std::ios::binary);
  for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()})
    for (int y = 0; y < plane.size.height; ++y)
      file.write(reinterpret_cast<const char*>(plane.row(y)), plane.size.width);
}

/// A camera made of another program and a second loopback device.
class Feeder {
 public:
  explicit Feeder(const std::vector<std::string>& encoding) : process_(command(encoding), folder_.file("log")) {}

  [[nodiscard]] std::unique_ptr<Source> open(const Log& log) {
    std::unique_ptr<Source> source;
    EXPECT_TRUE(wait_until([&] {
      if (auto opened = open_v4l2_source(kSecondLoopback, {kSize, 30}, log)) source = std::move(*opened);
      return source != nullptr;
    })) << file_text(folder_.file("log"));
    return source;
  }

 private:
  [[nodiscard]] std::vector<std::string> command(const std::vector<std::string>& encoding) {
    FramePool pool;
    write_raw(folder_.file("chart.yuv"), chart(pool, kSize));
    std::vector<std::string> words{"ffmpeg",
                                   "-nostdin",
                                   "-re",
                                   "-stream_loop",
                                   "-1",
                                   "-f",
                                   "rawvideo",
                                   "-pixel_format",
                                   "yuv420p",
                                   "-video_size",
                                   "640x360",
                                   "-framerate",
                                   "30",
                                   "-i",
                                   folder_.file("chart.yuv")};
    words.insert(words.end(), encoding.begin(), encoding.end());
    words.insert(words.end(), {"-f", "v4l2", kSecondLoopback});
    return words;
  }

  TemporaryFolder folder_;
  ChildProcess process_;
};

void expect_chart(const Frame& frame) {
  ASSERT_EQ(frame.size(), kSize);
  for (std::size_t patch = 0; patch < kChart.size(); ++patch) {
    const auto [x, y] = chart_point(kSize, patch);
    const YuvColor want = chart_color(patch);
    ASSERT_NEAR(frame.y().row(y)[x], want.y, 4) << "patch " << patch;
    ASSERT_NEAR(frame.u().row(y / 2)[x / 2], want.u, 4) << "patch " << patch;
    ASSERT_NEAR(frame.v().row(y / 2)[x / 2], want.v, 4) << "patch " << patch;
  }
}

void expect_chart_from(const std::vector<std::string>& encoding, const std::string& format) {
  LogLines lines;
  Feeder camera(encoding);
  const auto source = camera.open(lines.log());
  ASSERT_TRUE(source);
  EXPECT_THAT(lines.lines(), testing::Contains(testing::HasSubstr(" in " + format)));
  for (int i = 0; i < 10; ++i) {
    const auto frame = source->read({});
    ASSERT_TRUE(frame) << frame.error().message;
    ASSERT_TRUE(*frame);
    expect_chart(**frame);
  }
}

TEST(MadeCamera, GivesTheRightColoursFromJpeg) {
  expect_chart_from({"-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p"}, "MJPEG");
}

TEST(MadeCamera, GivesTheRightColoursFromJpegOfHalvedChroma) {
  expect_chart_from({"-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p"}, "MJPEG");
}

TEST(MadeCamera, GivesTheRightColoursFromYuyv) { expect_chart_from({"-pix_fmt", "yuyv422"}, "YUYV"); }
TEST(MadeCamera, GivesTheRightColoursFromNv12) { expect_chart_from({"-pix_fmt", "nv12"}, "NV12"); }
TEST(MadeCamera, GivesTheRightColoursFromYuv420) { expect_chart_from({"-pix_fmt", "yuv420p"}, "YUV420"); }

}  // namespace
}  // namespace viba::device_test
