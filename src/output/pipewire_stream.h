#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <viba/result.h>
#include <viba/safe_frame.h>

namespace viba {

class PipewireConnection;

/// A camera on one connection, and the pictures for whoever watches it. All consumers get the same pixel format, that
/// of the first of them: I420, NV12 or YUY2, as it wishes.
/// Thread-safety: `put` may be called from any thread while this lives.
class PipewireStream {
 public:
  struct Camera {
    std::string name;  ///< for people
    Size size;
    double frames_per_second = 0;  ///< 0 when it has no rate
  };
  /// Called from the connection's thread until the stream goes.
  struct Events {
    std::function<void(bool watched)> on_watched;  ///< the first consumer came, the last one left
    std::function<void()> on_broken;               ///< it has to be made anew; once or more
  };

  /// The connection outlives the stream. Errors: kIo when the server does not take the camera.
  [[nodiscard]] static Result<std::unique_ptr<PipewireStream>> publish(PipewireConnection& connection,
                                                                       const Camera& camera, Events events);
  PipewireStream(const PipewireStream&) = delete;
  PipewireStream& operator=(const PipewireStream&) = delete;
  ~PipewireStream();

  /// What consumers get from now on, whoever comes later first of all; never waits for them. It is scaled if its size
  /// is not the camera's.
  void put(const SafeFrame& frame);

  [[nodiscard]] std::uint32_t node() const;

  /// Takes the consumers' streams down, as if the camera had been unplugged: when it merely goes, the session manager
  /// links them to another camera at once, which is the real one.
  void dismiss();

 private:
  class Impl;
  explicit PipewireStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace viba
