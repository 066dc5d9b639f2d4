#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "capture/camera_setup.h"

namespace viba {

/// A V4L2 camera, streaming by mmap. Takes the pixel format (of those in media/camera_formats.h) that reaches the asked
/// size and rate, or comes nearest, and says through `log` what was adjusted. Its controls stay as they are. Frames
/// whose buffer is flagged as damaged, too short, of another size, or does not decode are skipped and counted; the
/// first one is a warning. A read fails with kIo when the camera is gone, and after 2 s (5 s before its first frame) of
/// none that can be shown; the camera may then be opened again. Errors, each one sentence that says what to do:
/// kNotFound (no such device), kPermission (names the group), kBusy (names the process that holds it), kUnsupported (no
/// camera: a file, a loopback's output side, a metadata node).
[[nodiscard]] Result<std::unique_ptr<Source>> open_v4l2_source(const std::string& device, CameraRequest request,
                                                               const Log& log);

/// What `open_v4l2_source` would give, without starting the camera. Errors: the same.
[[nodiscard]] Result<SourceInfo> ask_v4l2_camera(const std::string& device, CameraRequest request);

}  // namespace viba
