#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <viba/result.h>

/// What can be said of PipeWire's cameras without PipeWire's own types.
namespace viba {

/// A node of PipeWire's graph, by what the server tells everybody of it.
struct PipewireNode {
  std::uint32_t id = 0;     ///< may be another's later
  std::string serial;       ///< never another's, as long as the server runs
  std::string name;         ///< "v4l2_input.pci-0000_00_14.0-usb-0_8_1.0"
  std::string description;  ///< for people: "HD Webcam"
  std::string media_class;  ///< "Video/Source"
  std::string role;         ///< "Camera"
  std::string path;         ///< of the device behind it: "v4l2:/dev/video0"; empty when there is none
};

/// How the names of all nodes begin that ViBa publishes, in whatever process: it never takes one as a camera.
inline constexpr std::string_view kPublishedNode = "viba-camera";

/// What people read when they gave it no other.
inline constexpr std::string_view kUsualName = "ViBa";

/// Whatever gives pictures to everybody, what ViBa publishes included.
[[nodiscard]] bool is_video_source(const PipewireNode& node);
[[nodiscard]] bool is_published_by_viba(const PipewireNode& node);
/// The V4L2 device behind it; empty when there is none.
[[nodiscard]] std::string v4l2_path(const PipewireNode& node);

/// The name in `pipewire:NAME`, empty of `pipewire` alone; nothing when `where` means something else.
[[nodiscard]] std::optional<std::string> parse_pipewire(std::string_view where);

/// What the user's session is like at the moment.
struct PipewireSession {
  bool managed = false;               ///< a session manager is there, without which nothing is linked
  std::vector<PipewireNode> cameras;  ///< all video sources, by id
};

/// Errors: kNotFound (no session), kIo (it does not answer), kUnsupported (built without PipeWire).
[[nodiscard]] Result<PipewireSession> ask_pipewire();

/// The cameras alone. Errors: the same.
[[nodiscard]] Result<std::vector<PipewireNode>> list_pipewire_cameras();

/// What is said where PipeWire is asked for in a build that has it not.
[[nodiscard]] Error built_without_pipewire();

}  // namespace viba
