#pragma once

#include <optional>
#include <string>

#include "media/v4l2_ioctl.h"

namespace viba {

/// Whether another program feeds the v4l2loopback device that is open here. Before 0.15 the module
/// lets a second one feed it too, and readers would see both in turns; without exclusive_caps its
/// capabilities say nothing. What does is that the module's buffers get new pictures, which takes up
/// to a second to see while others have the device open, and that one of those is another ViBa. A
/// reader that has outlived its producer is none. 0.15 answers no: it refuses the second producer's
/// format itself.
[[nodiscard]] bool is_fed_by_another(const Fd& fd, const V4l2Capability& capability, const std::string& path);

/// kBusy, naming who feeds the device as far as that can be told from who merely reads it; nothing
/// when nobody else is known to have it open.
[[nodiscard]] std::optional<Error> fed_error(const std::string& path);

}  // namespace viba
