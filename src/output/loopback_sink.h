#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

namespace viba {

/// A v4l2loopback device, fed with YUYV. A device whose format is locked by a reader keeps it: frames
/// are scaled to it, and `log` hears so. The S_FMT, STREAMON, write order works on 0.12.7 to 0.15.
/// Errors, each one sentence that says what to do: kNotFound, kPermission (names the group), kBusy
/// (names the process that feeds it), kUnsupported (not a v4l2loopback device).
[[nodiscard]] Result<std::unique_ptr<Sink>> open_loopback_sink(const std::string& device, Size size,
                                                               double frames_per_second, const Log& log);

}  // namespace viba
