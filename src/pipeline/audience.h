#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>

#include <viba/stages.h>

namespace viba {

/// Whether anybody looks at what leaves, by the sinks' own word.
/// Thread-safety: `attend` before everything else; the rest from any thread.
class Audience {
 public:
  /// Who left counts as present for `patience` more. Until sinks are attended to, somebody is present.
  explicit Audience(std::chrono::milliseconds patience);

  /// Lets these sinks tell from now on; they may outlive the audience.
  void attend(std::span<const std::unique_ptr<Sink>> sinks);

  [[nodiscard]] bool present() const;
  /// Waits until somebody is present, or a stop is asked for.
  void wait(const std::stop_token& stop);

 private:
  struct Seats;
  std::shared_ptr<Seats> seats_;
};

}  // namespace viba
