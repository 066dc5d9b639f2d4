#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "media/camera_portal.h"
#include "media/pipewire_connection.h"

namespace viba {

/// The way to PipeWire: the camera portal in a sandbox, or where PipeWire cannot be reached while a portal runs, else
/// directly. Where it was reached once, a later failure is one: nobody is asked by a dialog out of nowhere.
/// Thread-safety: none.
class PipewireAccess {
 public:
  /// Null when a stop was asked for while the portal waited for the user. `lost` as of `PipewireConnection::open`.
  /// Errors: kNotFound (no session), and as `CameraPortal::open`.
  [[nodiscard]] Result<std::unique_ptr<PipewireConnection>> connect(const std::function<void()>& lost,
                                                                    const std::stop_token& stop);

  /// PipeWire was reached directly by somebody else.
  void stay_direct() { is_direct_ = true; }

  /// Whether the last connection came through the portal, which lets cameras show up a moment later.
  [[nodiscard]] bool through_portal() const { return through_portal_; }

 private:
  CameraPortal portal_;
  bool is_direct_ = false;
  bool through_portal_ = false;
};

}  // namespace viba
