#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include <viba/result.h>

#include "base/fd.h"

namespace viba {

/// The small program that outlives this one for a moment, to take down the streams of those who watch a node of ours
/// before that goes: or else the session manager links them to another camera, which is the real one.
/// Thread-safety: none.
class CameraGuard {
 public:
  /// Guards the node of this id, until this goes. Waits until it does. `socket` is that of the connection that
  /// published it, above 2: the guard holds it, too, so that the server keeps the node until the guard lets it go.
  /// Errors: kNotFound (the program is not installed), kIo.
  [[nodiscard]] static Result<CameraGuard> start(std::uint32_t node, int socket);
  CameraGuard(CameraGuard&& other) noexcept;
  CameraGuard& operator=(CameraGuard&& other) noexcept;
  /// The node has to have gone: waits a second at most for the guard to see that.
  ~CameraGuard();

  /// Whether it still does its work. Costs no more than a system call.
  [[nodiscard]] bool alive() const;

 private:
  CameraGuard(pid_t process, Fd line) : process_(process), line_(std::move(line)) {}

  pid_t process_;  ///< 0 of one that was moved from
  Fd line_;        ///< whose other end the guard reads: it closes with this process, however that ends
};

}  // namespace viba
