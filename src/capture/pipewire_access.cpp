#include "capture/pipewire_access.h"

namespace viba {

Result<std::unique_ptr<PipewireConnection>> PipewireAccess::connect(const std::function<void()>& lost,
                                                                    const std::stop_token& stop) {
  through_portal_ = needs_camera_portal();
  if (!through_portal_) {
    auto connection = PipewireConnection::open(lost);
    if (connection) stay_direct();
    if (is_direct_ || camera_portal_state().presence != CameraPortalState::Presence::kRunning) return connection;
    through_portal_ = true;
  }
  return portal_.open(stop).and_then([&](std::optional<Fd>&& remote) {
    return remote ? PipewireConnection::open(lost, std::move(*remote)) : std::unique_ptr<PipewireConnection>();
  });
}

}  // namespace viba
