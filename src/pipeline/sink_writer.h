#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include <viba/safe_frame.h>

#include "base/mailbox.h"

namespace viba {

/// Writes frames on a thread of its own, one behind, where nobody waits for them: encoding takes as long as all else.
/// Thread-safety: all members from one thread.
class SinkWriter {
 public:
  using Write = std::function<Result<void>(const SafeFrame&)>;
  /// `write` is called from the other thread, and no more once it failed.
  explicit SinkWriter(Write write);

  /// Waits until there is room. Errors: why an earlier frame could not be written.
  [[nodiscard]] Result<void> put(SafeFrame frame);
  /// Returns when all frames are written. Errors: as `put`.
  [[nodiscard]] Result<void> finish();

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> outcome();

  Write write_;
  std::mutex mutex_;
  Result<void> outcome_;
  Mailbox<SafeFrame> frames_;
  std::jthread thread_;  ///< last, so that it ends before what it uses
};

}  // namespace viba
