#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "capture/camera_setup.h"

namespace viba {

/// A camera of the user's PipeWire session, streaming only while it is read. `which` is a node's serial number, its
/// name, or a part of its description; empty: the first camera that is none of ViBa's and no fake one.
/// Errors: kNotFound (no session, no such camera), kUsage (several fit), kUnsupported (built without PipeWire).
[[nodiscard]] Result<std::unique_ptr<Source>> open_pipewire_source(const std::string& which, CameraRequest request,
                                                                   const Log& log);

}  // namespace viba
