#include <algorithm>

#include <fmt/format.h>

#include "doctor/checks.h"

namespace viba {
namespace {

Check not_published(Check check, const Error& why) {
  check.state = CheckState::kNotApplicable;
  check.finding = "it does not run for this user; ViBa does not need it where there is a fake camera.";
  if (why.code == ErrorCode::kNotFound) return check;
  if (why.code == ErrorCode::kUnsupported) {
    check.state = CheckState::kInformation;
    check.finding = "this ViBa was built without it, and so programs that ask it for cameras will not see ViBa's.";
    check.advice = "Build ViBa anew where libpipewire-0.3 and libsystemd are installed.";
    return check;
  }
  check.state = CheckState::kWarning;
  check.finding = why.message;
  return check;
}

Check pipewire(const Result<PipewireSession>& session) {
  Check check{.id = "pipewire", .title = "PipeWire"};
  if (!session) return not_published(std::move(check), session.error());
  if (!session->managed) {
    check.state = CheckState::kWarning;
    check.finding = "it runs, but without a session manager, and so no program gets a camera from it.";
    check.commands = {"systemctl --user start wireplumber"};
    return check;
  }
  const bool published = std::ranges::any_of(session->cameras, is_published_by_viba);
  check.finding = published ? "programs that ask it for cameras see ViBa's now."
                            : "programs that ask it for cameras see ViBa's while it runs.";
  return check;
}

/// As the permission store names them: "" stands for all that are not sandboxed.
std::string program_of(const std::string& id) { return id.empty() ? "programs outside of sandboxes" : id; }

void add_denied(Check& check, const std::string& id) {
  check.state = CheckState::kWarning;
  check.finding += fmt::format(" It was told that {} may not use cameras.", program_of(id));
  check.advice = "Let them ask anew:";
  check.commands.push_back(
      fmt::format("busctl --user call org.freedesktop.impl.portal.PermissionStore "
                  "/org/freedesktop/impl/portal/PermissionStore org.freedesktop.impl.portal.PermissionStore "
                  "DeletePermission sss devices camera '{}'",
                  id));
}

Check portal(const System& system, const Result<PipewireSession>& session) {
  Check check{.id = "camera-portal", .title = "Camera portal"};
  if (!carries_cameras(session)) {
    check.state = CheckState::kNotApplicable;
    check.finding = "it is of no use without PipeWire.";
    return check;
  }
  const CameraPortalState portal = system.portal();
  if (portal.presence == CameraPortalState::Presence::kMissing) {
    check.state = CheckState::kWarning;
    check.finding = "there is none, by which browsers ask for cameras of PipeWire.";
    check.advice = "Install xdg-desktop-portal and the part of it that belongs to your desktop (-gtk, -gnome, -kde).";
    return check;
  }
  check.finding = "a program asks it once whether it may use cameras.";
  for (const auto& [id, granted] : portal.permissions)
    if (granted)
      check.finding += fmt::format(" {} may.", id.empty() ? "Programs outside of sandboxes" : id);
    else
      add_denied(check, id);
  return check;
}

}  // namespace

bool carries_cameras(const Result<PipewireSession>& session) { return session && session->managed; }

std::vector<Check> session_checks(const System& system, const Result<PipewireSession>& session) {
  return {pipewire(session), portal(system, session)};
}

}  // namespace viba
