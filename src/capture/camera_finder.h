#pragma once

#include <optional>
#include <string>

#include <viba/result.h>

#include "media/v4l2_device.h"

namespace viba {

/// The node of the camera that a user means by `where`: a path, a name in /dev/v4l/by-id, or a part of
/// the name that its driver gives, in any case. Fake cameras (v4l2loopback) are found by their path only.
/// Errors: kNotFound (names the cameras that are there), kUsage (several have that part in their name).
[[nodiscard]] Result<std::string> find_camera(const std::string& where);

/// The camera that `known` is, wherever it is plugged in now: at its old node, at its old place, or
/// anywhere by its name. Nothing while it is away.
[[nodiscard]] std::optional<std::string> find_again(const V4l2Node& known);

}  // namespace viba
