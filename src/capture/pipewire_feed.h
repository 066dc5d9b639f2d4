#pragma once

#include <cstdint>
#include <map>

#include "media/pipewire_graph.h"

namespace viba {

/// What flows into a node of ours, as the graph has it.
enum class PipewireFeed {
  kNone,     ///< nothing yet
  kCamera,   ///< the wanted camera, and nothing else
  kForeign,  ///< another node, be it beside the camera
  kGone,     ///< the camera is no longer there
};

/// `own` is the id of our node. The camera is known by its id and its serial number, because ids are given anew, and
/// one that ViBa publishes counts as foreign in any case.
[[nodiscard]] PipewireFeed feed_of(const std::map<std::uint32_t, PipewireNode>& nodes,
                                   const std::map<std::uint32_t, PipewireLink>& links, std::uint32_t own,
                                   const PipewireNode& camera);

}  // namespace viba
