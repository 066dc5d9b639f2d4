#pragma once

#include <string>

#include <viba/result.h>

namespace viba {

/// Adds /dev/video`number` with exclusive_caps through the control device of v4l2loopback 0.13 and later, whatever else
/// is in use. Errors: kNotFound (no control device), kPermission, kBusy (there is a device of that number), kIo.
[[nodiscard]] Result<void> add_loopback_device(int number, const std::string& label);

}  // namespace viba
