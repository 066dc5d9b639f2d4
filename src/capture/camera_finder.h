#pragma once

#include <optional>
#include <string>
#include <vector>

#include <viba/result.h>

#include "media/v4l2_device.h"

namespace viba {

/// The node of the camera that a user means by `where`: a path, a name in /dev/v4l/by-id, or a part of
/// the name that its driver gives, in any case. Of one camera's nodes it is the first that shows
/// colours; an infrared one is taken only where it is alone. Fake cameras (v4l2loopback) are found by
/// their path only.
/// Errors: kNotFound (names the cameras that are there), kUsage (several cameras have that part in their names).
[[nodiscard]] Result<std::string> find_camera(const std::string& where);

/// The first of these nodes that is a camera and shows colours, else the first camera. Nothing without any.
[[nodiscard]] std::optional<std::string> first_camera(const std::vector<V4l2Node>& nodes);

/// A camera that is looked for again after it was closed or lost.
class KnownCamera {
 public:
  /// Remembers what is at this path now, and which others are like it: they are never taken for it.
  /// One that does not let itself be opened is known by its path alone. Errors: as `open_v4l2`.
  [[nodiscard]] static Result<KnownCamera> at(const std::string& path);

  [[nodiscard]] const std::string& path() const { return node_.path; }
  [[nodiscard]] const std::string& name() const { return node_.name; }

  /// Where it is now: at its old node, at its old place under another node, or at a new place. One that was
  /// named by a link of udev's (/dev/v4l/…) is where that leads. Nothing while it is away.
  [[nodiscard]] std::optional<std::string> find() const;

 private:
  [[nodiscard]] bool is_it(const V4l2Node& node) const;

  V4l2Node node_;
  std::string kernel_name_;          ///< by which nodes are passed over without being opened
  std::vector<std::string> others_;  ///< the places of cameras of the same name
};

}  // namespace viba
