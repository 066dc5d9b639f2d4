#include <array>
#include <cmath>

#include <linux/videodev2.h>

#include "capture/v4l2_stream.h"
#include "device/device_test.h"
#include "media/camera_formats.h"
#include "media/jpeg_decoder.h"
#include "media/v4l2_ioctl.h"

namespace viba::device_test {
namespace {

constexpr Size kSize{640, 360};

/// vivid's bars of 75 per cent, which its counters leave free at the bottom.
constexpr std::array<std::array<int, 3>, 8> kBars{
    {{191, 191, 191}, {191, 191, 0}, {0, 191, 191}, {0, 191, 0}, {191, 0, 191}, {191, 0, 0}, {0, 0, 191}, {0, 0, 0}}};
constexpr int kBarRow = 340;

/// Gray pictures of vivid have the brightness of BT.709.
YuvColor bar_color(std::size_t bar, PixelKind kind) {
  const auto [red, green, blue] = kBars[bar];
  if (kind != PixelKind::kGray) return yuv_of_rgb(red, green, blue);
  const auto luma = static_cast<int>(std::lround(0.2126 * red + 0.7152 * green + 0.0722 * blue));
  return yuv_of_rgb(luma, luma, luma);
}

/// A camera that gives one format and says how it lays it out.
class OneFormat {
 public:
  explicit OneFormat(const CameraFormat& format) : format_(format), fd_(open_v4l2(kVivid).value()) {
    v4l2_format asked{};
    asked.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    asked.fmt.pix.pixelformat = format.fourcc;
    asked.fmt.pix.width = unsigned(kSize.width);
    asked.fmt.pix.height = unsigned(kSize.height);
    EXPECT_EQ(retrying_ioctl(fd_, VIDIOC_S_FMT, &asked), 0);
    EXPECT_EQ(asked.fmt.pix.pixelformat, format.fourcc) << "vivid has it not";
    pix_ = asked.fmt.pix;
  }

  [[nodiscard]] MutableFrame picture() {
    auto frame = pool_.acquire(kSize).value();
    auto stream = V4l2Stream::start(fd_).value();
    std::optional<V4l2Stream::Filled> filled;
    EXPECT_TRUE(wait_until([&] { return (filled = stream.take().value()).has_value(); }));
    if (!filled) return frame;
    const auto converted =
        convert_picture(format_, {filled->bytes, kSize, static_cast<int>(pix_.bytesperline)}, jpeg_, frame);
    EXPECT_TRUE(converted) << converted.error().message;
    to_bt601_limited(frame, camera_color_space(pix_));
    return frame;
  }

 private:
  const CameraFormat& format_;
  Fd fd_;
  v4l2_pix_format pix_{};
  FramePool pool_;
  JpegDecoder jpeg_ = JpegDecoder::create().value();
};

TEST(CameraFormatOfVivid, ShowsTheRightColours) {
  int seen = 0;
  for (const CameraFormat& format : camera_formats()) {
    if (format.kind == PixelKind::kJpeg) continue;  // which vivid does not have
    SCOPED_TRACE(format.name);
    const MutableFrame frame = OneFormat(format).picture();
    for (std::size_t bar = 0; bar < kBars.size(); ++bar) {
      const YuvColor want = bar_color(bar, format.kind);
      const int x = int(80 * bar + 40);
      EXPECT_NEAR(frame.y().row(kBarRow)[x], want.y, 4) << "bar " << bar;
      EXPECT_NEAR(frame.u().row(kBarRow / 2)[x / 2], want.u, 4) << "bar " << bar;
      EXPECT_NEAR(frame.v().row(kBarRow / 2)[x / 2], want.v, 4) << "bar " << bar;
    }
    ++seen;
  }
  EXPECT_GE(seen, 27);
}

}  // namespace
}  // namespace viba::device_test
