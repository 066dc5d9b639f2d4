#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

namespace viba {

/// A v4l2loopback device, fed with YUYV. A device that is held to another format by a reader keeps it:
/// frames are scaled to it, and `log` hears so. A device that fails once it has taken a picture does
/// not end the run: frames are dropped, and every half second a write opens it anew. It tells who
/// looks on (`Sink::watch`) by `LoopbackWatch`.
/// Errors, each one sentence that says what to do: kNotFound, kPermission (names the group), kBusy
/// (names the process that feeds it), kUnsupported (not a v4l2loopback device).
[[nodiscard]] Result<std::unique_ptr<Sink>> open_loopback_sink(const std::string& device, Size size,
                                                               double frames_per_second, const Log& log);

}  // namespace viba
