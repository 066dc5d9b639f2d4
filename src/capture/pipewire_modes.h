#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <viba/result.h>

#include "capture/camera_setup.h"
#include "media/pipewire_graph.h"

struct spa_pod;

/// What cameras of PipeWire's offer, in the terms that ViBa has for all cameras.
namespace viba {

/// Frames a second as a fraction, so that 30000/1001 can be asked for as it was offered. 0/1: it varies.
struct PipewireRate {
  std::uint32_t number = 0;
  std::uint32_t per = 1;
};

struct PipewireMode {
  CameraMode mode;
  PipewireRate rate;  ///< the nearest to the wish of those that are offered
};

struct PipewireOffer {
  std::vector<PipewireMode> modes;
  std::set<std::string> unknown_formats;
};

/// Adds what an EnumFormat parameter says, of ranges what is nearest to the wish. Anything may stand in it.
void add_modes(const spa_pod& parameter, const CameraRequest& request, PipewireOffer& offer);

/// Asks the server what the node gives, without starting it. Errors: as `PipewireConnection::sync`, and kNotFound when
/// the node has gone.
[[nodiscard]] Result<PipewireOffer> offer_of(PipewireConnection& connection, const PipewireGraph& graph,
                                             const PipewireNode& node, const CameraRequest& request);

/// Errors: kUnsupported when ViBa knows none of the formats; `name` is the camera's.
[[nodiscard]] Result<PipewireMode> choose_mode(const PipewireOffer& offer, const CameraRequest& request,
                                               const std::string& name);

/// What is told of a camera that is not started yet.
[[nodiscard]] CameraSetup setup_of(const PipewireMode& mode);

/// EnumFormat parameters for a stream: the mode, then all that ViBa can read, because a camera that another program
/// uses gives what that one asked for. The pods point into `memory`.
[[nodiscard]] std::vector<const spa_pod*> wanted_formats(const PipewireMode& mode, const CameraRequest& request,
                                                         std::vector<std::uint8_t>& memory);

/// What was agreed on, out of a Format parameter; nothing when that is no format that ViBa reads.
[[nodiscard]] std::optional<CameraSetup> read_format(const spa_pod& parameter);

}  // namespace viba
