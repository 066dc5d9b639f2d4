#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/ioctl.h>

#include "media/v4l2_device.h"

struct v4l2_fract;

namespace viba {

/// Whose driver a v4l2loopback node names in its capabilities.
inline constexpr const char* kLoopbackDriver = "v4l2 loopback";

/// The system call, taken up again when a signal interrupts it. 0, or -1 with errno set.
template <class T>
[[nodiscard]] int retrying_ioctl(const Fd& fd, unsigned long request, T* argument);

struct V4l2Capability {
  std::string card;
  std::string driver;
  std::string bus;          ///< where it is plugged in, as the driver puts it: "usb-0000:00:14.0-1"
  std::uint32_t flags = 0;  ///< V4L2_CAP_… of this very node, as they are at the moment
};

/// Errors: kUnsupported when the device does not answer as a video device does.
[[nodiscard]] Result<V4l2Capability> query_capability(const Fd& fd, const std::string& path);

/// A v4l2loopback node is one by its driver's name, because with exclusive_caps its capabilities
/// change when something starts to feed it.
[[nodiscard]] V4l2Kind kind_of(const V4l2Capability& capability);

/// "firefox (pid 123)", or "another program" when that cannot be told: processes of other users hide
/// what they have open.
[[nodiscard]] std::string holder_or_other(const std::string& path);

/// Errors: kBusy, saying that the holder must close the device first. `name` is what to call it.
[[nodiscard]] Error busy_error(const std::string& name, const std::string& path);

/// What errno number `error` means, for the end of a sentence.
[[nodiscard]] std::string reason(int error);

/// A driver that never ends a list must not hang us.
inline constexpr unsigned kMostV4l2Entries = 512;

/// Frames a second; 0 for an interval that is not told.
[[nodiscard]] double rate_of(const v4l2_fract& interval);

/// The codes of the pixel formats that a node lists in its direction `type` (V4L2_BUF_TYPE_VIDEO_CAPTURE or …_OUTPUT).
[[nodiscard]] std::vector<std::uint32_t> offered_fourccs(const Fd& fd, std::uint32_t type);

/// The readable letters of a pixel format code: "MJPG".
[[nodiscard]] std::string fourcc_name(std::uint32_t fourcc);

namespace detail {
[[nodiscard]] int retrying_ioctl(int fd, unsigned long request, void* argument);
}

template <class T>
int retrying_ioctl(const Fd& fd, unsigned long request, T* argument) {
  return detail::retrying_ioctl(fd.get(), request, argument);
}

}  // namespace viba
