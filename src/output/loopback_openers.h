#pragma once

#include <optional>
#include <string>

#include <viba/result.h>

namespace viba {

/// Whether another process has the v4l2loopback node open. What counts is the module's own reference
/// count, one for each open file of all its nodes, less those of this process: so holders of other
/// users, whom /proc hides, count as well, and copies of our own descriptors do not. /proc is looked
/// through only where there are several nodes, to tell of which one the holders are; a holder that
/// cannot be told may be of this one.
/// Errors: kIo when neither source can be read.
[[nodiscard]] Result<bool> is_open_elsewhere(const std::string& node);

}  // namespace viba
