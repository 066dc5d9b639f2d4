#include "media/pipewire_node.h"

namespace viba {

bool is_video_source(const PipewireNode& node) { return node.media_class == "Video/Source"; }

bool is_published_by_viba(const PipewireNode& node) { return node.name.starts_with(kPublishedNode); }

std::string v4l2_path(const PipewireNode& node) {
  constexpr std::string_view kPrefix = "v4l2:";
  return node.path.starts_with(kPrefix) ? node.path.substr(kPrefix.size()) : std::string();
}

std::optional<std::string> parse_pipewire(std::string_view where) {
  constexpr std::string_view kWord = "pipewire";
  if (where == kWord) return std::string();
  if (!where.starts_with(kWord) || where[kWord.size()] != ':') return {};
  return std::string(where.substr(kWord.size() + 1));
}

Error built_without_pipewire() {
  return {ErrorCode::kUnsupported,
          "This ViBa was built without PipeWire; name another device, or build it anew where libpipewire-0.3 is "
          "installed."};
}

#if !VIBA_WITH_PIPEWIRE
Result<PipewireSession> ask_pipewire() { return tl::unexpected(built_without_pipewire()); }
#endif

Result<std::vector<PipewireNode>> list_pipewire_cameras() { return ask_pipewire().map(&PipewireSession::cameras); }

}  // namespace viba
