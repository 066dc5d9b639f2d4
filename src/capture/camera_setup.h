#pragma once

#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "media/camera_formats.h"

namespace viba {

struct CameraRequest {
  Size size{1280, 720};
  double frames_per_second = 30;
};

/// What a camera agreed to give.
struct CameraSetup {
  const CameraFormat* format = nullptr;
  Size size;  ///< the camera's, possibly odd
  int bytes_per_line = 0;
  ColorSpace color;
  double frames_per_second = 0;
};

/// What a source with this name and setup says of itself.
[[nodiscard]] SourceInfo info_of(const std::string& name, const CameraSetup& setup);

/// "HD Webcam gives 640x480 at 30 frames a second in MJPEG; 1280x720 was asked for": what differs
/// from the request stands behind the semicolon, and without any there is none.
[[nodiscard]] std::string describe_setup(const std::string& name, const CameraSetup& setup,
                                         const CameraRequest& request);

/// Whether size or rate are not what was asked for.
[[nodiscard]] bool adjusted(const CameraSetup& setup, const CameraRequest& request);

/// Says it, and aloud only where it was adjusted.
void log_setup(const Log& log, const std::string& name, const CameraSetup& setup, const CameraRequest& request);

/// That a camera gives pictures in these formats only, "H264, AYUV"; or none at all where that is empty.
[[nodiscard]] Error no_known_format(const std::string& name, const std::string& formats);

}  // namespace viba
