#pragma once

#include <string>

#include "capture/camera_setup.h"
#include "media/v4l2_device.h"

namespace viba {

/// Asks the camera what it offers, sets the mode that suits the request best, and reads back what
/// it made of that. `name` and `path` are for the errors: kBusy, kUnsupported (no format that ViBa
/// knows), kIo.
[[nodiscard]] Result<CameraSetup> set_up_camera(const Fd& fd, const std::string& name, const std::string& path,
                                                const CameraRequest& request);

/// Errors for a call that the camera refused with errno number `error`.
[[nodiscard]] Error camera_error(const std::string& name, const std::string& path, int error);

}  // namespace viba
