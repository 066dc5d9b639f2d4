#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <viba/log.h>

#include "media/v4l2_device.h"

namespace viba {

/// Tells whether somebody reads a v4l2loopback device, by a thread that sleeps until something
/// happens to it. From 0.13 on the module itself says when a reader starts and stops (its
/// client-usage event). Before, and on 0.13 for readers without buffers, whom that event leaves
/// out, a reader is another process that has the node open for some 100 ms (inotify, `openers_of`):
/// programs that only ask for its capabilities are faster. The session's daemons, which may hold it
/// for ever, are readers only while they map it, for which the few that hold it are looked at four
/// times a second.
/// When that cannot be told, `log` hears why and the device counts as read.
/// Thread-safety: members may be called from any thread.
class LoopbackWatch {
 public:
  using Tell = std::function<void(bool watched)>;

  /// Calls `tell` before it returns, and then at every change from its own thread.
  LoopbackWatch(std::shared_ptr<const Fd> device, std::string path, Tell tell, Log log);
  LoopbackWatch(const LoopbackWatch&) = delete;
  LoopbackWatch& operator=(const LoopbackWatch&) = delete;
  ~LoopbackWatch();

  /// The device was opened anew; null when it is away, in which time nobody reads it. The old one is
  /// let go of soon.
  void follow(std::shared_ptr<const Fd> device);

 private:
  class Eyes;
  void run(const std::stop_token& stop, Eyes& eyes);

  Log log_;
  Fd wake_;
  std::mutex mutex_;
  std::shared_ptr<const Fd> next_;  ///< what to follow, if `changed_`
  bool changed_ = false;
  std::jthread thread_;
};

}  // namespace viba
