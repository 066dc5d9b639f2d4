#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "media/camera_portal.h"
#include "media/pipewire_connection.h"

namespace viba {

/// The way to PipeWire: the camera portal in a sandbox, or where PipeWire refuses us while a portal runs, else
/// directly. Thread-safety: none.
class PipewireAccess {
 public:
  /// Null when a stop was asked for while the portal waited for the user. `lost` as of `PipewireConnection::open`.
  /// Errors: kNotFound (no session), and as `CameraPortal::open`.
  [[nodiscard]] Result<std::unique_ptr<PipewireConnection>> connect(const std::function<void()>& lost,
                                                                    const std::stop_token& stop);

  /// Whether the last connection came through the portal, which lets cameras show up a moment later.
  [[nodiscard]] bool through_portal() const { return through_portal_; }

 private:
  CameraPortal portal_;
  bool through_portal_ = false;
};

}  // namespace viba
