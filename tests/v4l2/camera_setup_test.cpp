#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "capture/v4l2_modes.h"

namespace viba {
namespace {

CameraSetup setup(Size size, double rate) { return {find_camera_format(V4L2_PIX_FMT_MJPEG), size, 0, {}, rate}; }

TEST(DescribeSetup, SaysWhatWasAdjusted) {
  const CameraRequest request{{1280, 720}, 30};
  EXPECT_EQ(describe_setup("HD Webcam", setup({640, 480}, 30), request),
            "HD Webcam gives 640x480 at 30 frames a second in MJPEG; 1280x720 was asked for");
  EXPECT_EQ(describe_setup("HD Webcam", setup({640, 480}, 12.5), request),
            "HD Webcam gives 640x480 at 12.5 frames a second in MJPEG; 1280x720 at 30 frames a second was asked for");
  EXPECT_EQ(describe_setup("HD Webcam", setup({1280, 720}, 10), request),
            "HD Webcam gives 1280x720 at 10 frames a second in MJPEG; 30 frames a second were asked for");
  EXPECT_EQ(describe_setup("HD Webcam", setup({641, 481}, 30), {{641, 481}, 30}),
            "HD Webcam gives 641x481 at 30 frames a second in MJPEG, cut to 640x480");
}

TEST(DescribeSetup, IsShortWhenNothingWasAdjusted) {
  const CameraRequest request{{1280, 720}, 30};
  for (const double rate : {30.0, 29.97, 0.0}) EXPECT_FALSE(adjusted(setup({1280, 720}, rate), request)) << rate;
  EXPECT_EQ(describe_setup("HD Webcam", setup({1280, 720}, 0), request), "HD Webcam gives 1280x720 in MJPEG");
}

TEST(CameraError, NamesTheCameraAndWhatToDo) {
  const Error gone = camera_error("HD Webcam (/dev/video7)", "/dev/video7", ENODEV);
  EXPECT_EQ(gone.code, ErrorCode::kIo);
  EXPECT_EQ(gone.message, "HD Webcam (/dev/video7) was unplugged or has failed: plug it in again.");
  const Error busy = camera_error("HD Webcam (/dev/video7)", "/no/such/device", EBUSY);
  EXPECT_EQ(busy.code, ErrorCode::kBusy);
  EXPECT_EQ(busy.message, "HD Webcam (/dev/video7) is in use by another program: close it there first.");
}

}  // namespace
}  // namespace viba
