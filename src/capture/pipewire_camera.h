#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "capture/camera_setup.h"
#include "capture/pipewire_access.h"
#include "capture/pipewire_finder.h"

namespace viba {

/// Chooses a camera among a server's nodes.
using ChoosePipewireCamera = std::function<Result<PipewireNode>(const PipewireNodes& nodes)>;

/// A camera of PipeWire's, streaming as long as this lives, on a connection of its own. Skips what is damaged and gives
/// up as `V4l2Source` does. Null when a stop was asked for meanwhile. Errors: as `PipewireAccess::connect`, those of
/// `choose`, kUnsupported (no format that ViBa reads), kUsage (ViBa feeds it), kIo.
[[nodiscard]] Result<std::unique_ptr<Source>> open_pipewire_camera(PipewireAccess& access,
                                                                   const ChoosePipewireCamera& choose,
                                                                   const CameraRequest& request, const Log& log,
                                                                   const std::stop_token& stop);

/// A camera as it was found.
struct FoundPipewireCamera {
  PipewireNode node;
  PipewireNodes nodes;  ///< all that there were
  SourceInfo info;      ///< what it would give
};

/// Looks for it without starting it. Where `which` is empty, it is the first camera that shows colours, else the first.
/// Errors: as `camera_called` and `open_pipewire_camera`.
[[nodiscard]] Result<FoundPipewireCamera> ask_pipewire_camera(PipewireConnection& connection, const std::string& which,
                                                              const CameraRequest& request);

}  // namespace viba
