#pragma once

#include <optional>
#include <stop_token>

#include <viba/log.h>
#include <viba/pipeline.h>

#include "base/mailbox.h"
#include "pipeline/statistics.h"

namespace viba {

/// What comes out of the source: a frame, the news that it is lost, or its end.
struct Arrival {
  Frame frame;
  std::optional<Error> lost;  ///< with `ended`: for good
  bool ended = false;
};

/// The capture thread: reads the source into the mailbox, and opens a lost camera anew.
class CaptureLoop {
 public:
  /// `live` frames replace unread ones; others wait until there is room.
  CaptureLoop(Stages& stages, bool live, Mailbox<Arrival>& arrivals, Meter& meter, const Log& log)
      : stages_(stages), live_(live), arrivals_(arrivals), meter_(meter), log_(log) {}

  /// Returns when the source ended or a stop was asked for. Throws nothing.
  void run(const std::stop_token& stop);

 private:
  [[nodiscard]] Result<std::optional<Frame>> read(const std::stop_token& stop);
  void hand_over(Arrival arrival, const std::stop_token& stop);
  void reopen(const std::stop_token& stop);

  Stages& stages_;
  bool live_;
  Mailbox<Arrival>& arrivals_;
  Meter& meter_;
  Log log_;
};

}  // namespace viba
