#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include <viba/result.h>

#include "base/fd.h"

/// The desktop's portal through which sandboxed programs get at PipeWire's cameras
/// (https://flatpak.github.io/xdg-desktop-portal/, org.freedesktop.portal.Camera).
namespace viba {

struct CameraPortalState {
  enum class Presence {
    kMissing,    ///< no session bus, no portal, or one without cameras
    kStartable,  ///< the bus starts it for the first program that asks
    kRunning,
  };
  Presence presence = Presence::kMissing;
  /// Whether the user lets programs have cameras, as the permission store keeps it, by their application ids; ""
  /// stands for programs outside of sandboxes. Those that are missing will be asked about.
  std::map<std::string, bool> permissions;
};

/// Takes half a second at most for each of its questions, starts no portal and shows no dialog.
/// Thread-safety: may be called from any thread.
[[nodiscard]] CameraPortalState camera_portal_state();

/// Whether this program runs in a sandbox (Flatpak) whose way to cameras is the portal.
[[nodiscard]] bool needs_camera_portal();

/// Asks for the cameras on behalf of this program. The user is asked once at most: a refusal stands as long as this
/// lives. Thread-safety: none.
class CameraPortal {
 public:
  /// A connection to PipeWire that shows only cameras. May wait for the user's answer to a dialog, which goes away when
  /// a stop is asked for; nothing then. Errors: kNotFound (no portal), kPermission (denied), kIo (it fails).
  [[nodiscard]] Result<std::optional<Fd>> open(const std::stop_token& stop);

 private:
  bool granted_ = false;
  std::optional<Error> denied_;
};

}  // namespace viba
