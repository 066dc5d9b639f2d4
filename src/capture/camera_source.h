#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "capture/v4l2_source.h"

namespace viba {

/// A V4L2 camera that is open only while it is read: each first read, also after a loss or a rest, looks
/// for it again (it may have another node by then) and opens it. Its frames may change their size when
/// it comes back. `where` is a path. It is asked once for what it would give, without being started;
/// one that another program holds counts as giving what is asked for.
/// Errors at once: as `open_v4l2_source`, without kBusy, which only its reads give.
[[nodiscard]] Result<std::unique_ptr<Source>> open_camera_source(const std::string& where, CameraRequest request,
                                                                 const Log& log);

}  // namespace viba
