#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include <viba/result.h>

#include "capture/pipewire_modes.h"
#include "media/pipewire_connection.h"

namespace viba {

/// Pictures of one camera of PipeWire's, and never of another node: as soon as anything else flows in, be it beside the
/// camera, the stream has failed for good, and so has what was waiting in it. Session managers put another camera, or
/// what ViBa publishes, in the place of one that vanishes. A portal's connection shows cameras and no links: there the
/// camera is asked for by its serial number, with the word that no other will do, and the stream has failed as soon as
/// the camera leaves the graph or anything but the buffers that were agreed on at first comes in; that the session
/// manager obeys in making the first link is what has to be trusted. Thread-safety: `wait` and `take` by one thread,
/// `check` and `lose` on the connection's.
class PipewireCameraStream {
 public:
  /// A picture as it lies in memory that others share and may change.
  struct Picture {
    std::span<const std::uint8_t> bytes;
    CameraSetup setup;
    const char* damage = nullptr;  ///< why it cannot be shown
  };
  enum class Event { kPicture, kStop, kSilence };

  struct Wanted {
    PipewireNode camera;
    std::string name;  ///< for errors
    PipewireMode mode;
    CameraRequest request;
    bool links_shown = true;  ///< not by a portal's connection
  };

  /// Connection and graph outlive the stream; whoever made the graph calls `check` whenever it changes. Errors: kIo
  /// when PipeWire has no stream for us.
  [[nodiscard]] static Result<std::unique_ptr<PipewireCameraStream>> open(PipewireConnection& connection,
                                                                          const PipewireGraph& graph, Wanted wanted);
  PipewireCameraStream(const PipewireCameraStream&) = delete;
  PipewireCameraStream& operator=(const PipewireCameraStream&) = delete;
  ~PipewireCameraStream();

  /// Looks whether the graph is still as it must be.
  void check();
  /// The server has gone.
  void lose();

  /// Errors: kIo once the camera has gone, PipeWire has, or other pictures than the camera's came.
  [[nodiscard]] Result<Event> wait(const std::stop_token& stop, std::chrono::steady_clock::time_point until);

  /// Lets `use` look at the newest picture, if there is one, while nobody takes it away. Returns whether there was.
  template <class Use>
  bool take(Use&& use) {
    const PipewireConnection::Lock lock(connection());
    const auto picture = newest();
    if (!picture) return false;
    std::forward<Use>(use)(*picture);
    give_back();
    return true;
  }

 private:
  class Impl;
  explicit PipewireCameraStream(std::unique_ptr<Impl> impl);
  [[nodiscard]] const PipewireConnection& connection() const;
  [[nodiscard]] std::optional<Picture> newest() const;
  void give_back();

  std::unique_ptr<Impl> impl_;
};

}  // namespace viba
