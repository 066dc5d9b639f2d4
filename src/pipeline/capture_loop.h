#pragma once

#include <optional>
#include <stop_token>

#include <viba/stages.h>

#include "base/mailbox.h"
#include "pipeline/audience.h"
#include "pipeline/statistics.h"

namespace viba {

/// What comes out of the source: a frame, or news of it.
struct Arrival {
  enum class What { kFrame, kLost, kResting, kWaking, kEnded };
  What what = What::kFrame;
  Frame frame;
  std::optional<Error> error;  ///< of kLost; of kEnded when it is lost for good
  int scene = 0;               ///< changes whenever frames have nothing to do with those before
};

/// The capture thread: reads the source into the mailbox, tries again when it is lost, and lets a
/// live one rest while nobody watches.
class CaptureLoop {
 public:
  /// Frames of a live source replace unread ones; others wait until there is room.
  CaptureLoop(Source& source, Audience& audience, Mailbox<Arrival>& arrivals, Meter& meter)
      : source_(source), info_(source.info()), audience_(audience), arrivals_(arrivals), meter_(meter) {}

  /// Returns when the source ended or a stop was asked for. Throws nothing.
  void run(const std::stop_token& stop);

 private:
  [[nodiscard]] Result<std::optional<Frame>> read(const std::stop_token& stop);
  void hand_over(Arrival arrival, const std::stop_token& stop);
  void rest(const std::stop_token& stop);

  Source& source_;
  SourceInfo info_;
  Audience& audience_;
  Mailbox<Arrival>& arrivals_;
  Meter& meter_;
  int scene_ = 0;
};

}  // namespace viba
