#pragma once

#include <optional>
#include <string>
#include <vector>

#include <viba/devices.h>
#include <viba/result.h>

#include "base/fd.h"

namespace viba {

enum class V4l2Kind { kCamera, kLoopback, kOther };

struct V4l2Node {
  std::string path;    ///< /dev/video0, or a link to it
  std::string name;    ///< the card's name
  std::string driver;  ///< uvcvideo, v4l2 loopback, …
  std::string bus;     ///< where it is plugged in, as the driver puts it
  V4l2Kind kind = V4l2Kind::kOther;
};

/// What the device behind a path says of itself. Errors: as `open_v4l2`.
[[nodiscard]] Result<V4l2Node> identify_v4l2(const std::string& path);

/// All video nodes of this machine, by number. A v4l2loopback node is always a loopback, also while
/// something feeds it. Nodes that cannot be opened are left out.
[[nodiscard]] std::vector<V4l2Node> list_v4l2_nodes();

/// Why the first video node that this user may not open is closed to them, in one sentence; nothing
/// when all can be opened.
[[nodiscard]] std::optional<std::string> first_denied_v4l2_node();

/// The paths of all video nodes, by number.
[[nodiscard]] std::vector<std::string> video_node_paths();

/// The processes other than this one that have the device open. Reads /proc, where those of other users hide it.
[[nodiscard]] std::vector<DeviceHolder> holders_of(const std::string& device);

/// "name (pid 123), other (pid 124)".
[[nodiscard]] std::string describe(const std::vector<DeviceHolder>& holders);

/// Who has the device open, as "name (pid 123)", other than this process; nothing when it cannot be
/// told. Reads /proc.
[[nodiscard]] std::optional<std::string> holder_of(const std::string& device);

/// Opens a node non-blocking for reading and writing. Errors: kNotFound, kPermission (names the
/// group that may), kBusy (names who holds it), kUnsupported (not a video device).
[[nodiscard]] Result<Fd> open_v4l2(const std::string& path);

}  // namespace viba
