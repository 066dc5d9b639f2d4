#include "capture/pipewire_feed.h"

namespace viba {
namespace {

bool is_it(const std::map<std::uint32_t, PipewireNode>& nodes, std::uint32_t id, const PipewireNode& camera) {
  const auto found = nodes.find(id);
  return id == camera.id && found != nodes.end() && found->second.serial == camera.serial &&
         is_video_source(found->second) && !is_published_by_viba(found->second);
}

}  // namespace

PipewireFeed feed_of(const std::map<std::uint32_t, PipewireNode>& nodes,
                     const std::map<std::uint32_t, PipewireLink>& links, std::uint32_t own,
                     const PipewireNode& camera) {
  int from_camera = 0;
  for (const auto& [id, link] : links) {
    if (link.input_node != own) continue;
    // A link may outlive its node for a moment: that is a loss, and no other node's picture.
    if (!is_it(nodes, link.output_node, camera))
      return link.output_node == camera.id && !nodes.contains(camera.id) ? PipewireFeed::kGone : PipewireFeed::kForeign;
    ++from_camera;
  }
  if (!is_it(nodes, camera.id, camera)) return PipewireFeed::kGone;
  if (from_camera > 1) return PipewireFeed::kForeign;
  return from_camera == 1 ? PipewireFeed::kCamera : PipewireFeed::kNone;
}

}  // namespace viba
