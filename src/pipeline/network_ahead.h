#pragma once

#include <stop_token>

#include "pipeline/capture_loop.h"
#include "pipeline/matte_maker.h"

namespace viba {

/// A thread between the capture thread and the processing one, where nobody waits for a frame: the network looks at the
/// next frames while the ones before are refined and composited. Everything passes in order.
class NetworkAhead {
 public:
  NetworkAhead(MatteMaker& maker, Mailbox<Arrival>& captured, Mailbox<Arrival>& looked_at)
      : maker_(maker), captured_(captured), looked_at_(looked_at) {}

  /// Until the source ended or a stop is asked for. Throws nothing.
  void run(const std::stop_token& stop);

 private:
  MatteMaker& maker_;
  Mailbox<Arrival>& captured_;
  Mailbox<Arrival>& looked_at_;
};

}  // namespace viba
