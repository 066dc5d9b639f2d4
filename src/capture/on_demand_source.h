#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <viba/log.h>
#include <viba/stages.h>

namespace viba {

/// Looks for a camera and opens it. Null when a stop was asked for meanwhile.
using OpenCamera = std::function<Result<std::unique_ptr<Source>>(const std::stop_token& stop, const Log& log)>;

/// A camera that is open only while it is read: each first read, also after a loss or a rest, opens it with `open`,
/// whose log says each thing once. Its frames count on where the camera began anew, and may change their size then.
[[nodiscard]] std::unique_ptr<Source> make_on_demand_source(SourceInfo info, OpenCamera open, const Log& log);

}  // namespace viba
