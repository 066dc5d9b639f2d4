#pragma once

#include <cstdint>
#include <vector>

#include <viba/devices.h>

#include "media/v4l2_device.h"

namespace viba {

/// All that a node offers in its direction `type` (V4L2_BUF_TYPE_VIDEO_CAPTURE or …_OUTPUT), as the driver lists it.
[[nodiscard]] std::vector<DeviceFormat> offered_formats(const Fd& fd, std::uint32_t type);

}  // namespace viba
