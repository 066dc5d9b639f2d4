#pragma once

#include <string>

#include "capture/v4l2_source.h"
#include "media/camera_formats.h"
#include "media/v4l2_device.h"

namespace viba {

/// What a camera agreed to give.
struct CameraSetup {
  const CameraFormat* format = nullptr;
  Size size;  ///< the camera's, possibly odd
  int bytes_per_line = 0;
  ColorSpace color;
  double frames_per_second = 0;
};

/// Asks the camera what it offers, sets the mode that suits the request best, and reads back what
/// it made of that. `name` and `path` are for the errors: kBusy, kUnsupported (no format that ViBa
/// knows), kIo.
[[nodiscard]] Result<CameraSetup> set_up_camera(const Fd& fd, const std::string& name, const std::string& path,
                                                const CameraRequest& request);

/// "HD Webcam gives 640x480 at 30 frames a second in MJPEG; 1280x720 was asked for": what differs
/// from the request stands behind the semicolon, and without any there is none.
[[nodiscard]] std::string describe_setup(const std::string& name, const CameraSetup& setup,
                                         const CameraRequest& request);

/// Whether size or rate are not what was asked for.
[[nodiscard]] bool adjusted(const CameraSetup& setup, const CameraRequest& request);

/// Errors for a call that the camera refused with errno number `error`.
[[nodiscard]] Error camera_error(const std::string& name, const std::string& path, int error);

}  // namespace viba
