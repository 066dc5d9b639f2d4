#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <viba/result.h>

#include "media/pipewire_graph.h"

namespace viba {

using PipewireNodes = std::map<std::uint32_t, PipewireNode>;

/// "HD Webcam (PipeWire 45)": for people, with the number that names it on the command line.
[[nodiscard]] std::string name_of(const PipewireNode& node);

/// The cameras that a user may mean by `which`: those with that serial number or node name, or else that have it in
/// their descriptions, in any case. When it is empty, all that are known to be no fake cameras (v4l2loopback), or else
/// those whose device cannot be asked. ViBa's own are never among them. Errors: kNotFound (names the cameras that are
/// there), kUsage (it is one that ViBa publishes).
[[nodiscard]] Result<std::vector<PipewireNode>> cameras_called(const std::string& which, const PipewireNodes& nodes);

/// The same where only one can be meant. Errors: the same, and kUsage (several fit).
[[nodiscard]] Result<PipewireNode> camera_called(const std::string& which, const PipewireNodes& nodes);

/// The same in the session as it is now. Errors: the same, and those of asking it.
[[nodiscard]] Result<PipewireNode> find_pipewire_camera(const std::string& which);

/// That a node's pictures come from ViBa by a way around: through a loopback device that one writes into. Reads /proc,
/// where the processes of other users hide what they have open.
[[nodiscard]] bool is_fed_by_viba(const PipewireNode& node);

/// A camera that is looked for again after it was closed or lost, maybe in another session of PipeWire's.
class KnownPipewireCamera {
 public:
  /// Remembers which others are like it now: they are never taken for it.
  KnownPipewireCamera(PipewireNode node, const PipewireNodes& nodes);

  [[nodiscard]] const PipewireNode& node() const { return node_; }

  /// Where it is now: the node of its name, else the only one of its description. Nothing while it is away, or where it
  /// cannot be told from another.
  [[nodiscard]] std::optional<PipewireNode> find(const PipewireNodes& nodes) const;

 private:
  PipewireNode node_;
  std::vector<PipewireNode> others_;  ///< with its name or its description
};

}  // namespace viba
