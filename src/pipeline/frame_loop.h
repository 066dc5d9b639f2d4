#pragma once

#include <stop_token>
#include <string>

#include <viba/pipeline.h>

#include "pipeline/capture_loop.h"
#include "pipeline/mattes.h"
#include "pipeline/sink_writer.h"

namespace viba {

/// The processing thread. `show` is the story of one frame. Where the source is not live, writing has a thread of its
/// own.
class FrameLoop {
 public:
  FrameLoop(Stages& stages, const SourceInfo& source, Mattes& mattes, Mailbox<Arrival>& arrivals, Meter& meter,
            const Log& log);

  /// Until the source ends, a sink closes or a stop is asked for. Errors: as `Pipeline::run`.
  [[nodiscard]] Result<void> run(const std::stop_token& stop);

 private:
  [[nodiscard]] Result<void> show(const Frame& frame);
  [[nodiscard]] Result<SafeFrame> composite(const Frame& frame, const Matte& matte);
  [[nodiscard]] Result<SafeFrame> hide(const Frame* frame, const Error& why);
  /// The placeholder for when there is no frame at all.
  [[nodiscard]] Result<void> show_nobody(const Error& why);
  [[nodiscard]] Result<void> publish(const SafeFrame& frame);
  [[nodiscard]] Result<void> write(const SafeFrame& frame);
  [[nodiscard]] Result<void> until_the_end(const std::stop_token& stop);
  [[nodiscard]] Result<void> handle(Arrival arrival);
  /// Fills the time while nothing arrives.
  [[nodiscard]] Result<void> wait_out();
  [[nodiscard]] Result<void> rest();
  [[nodiscard]] Result<void> wake();
  void say_hidden(const Error& why);
  void say_shown();
  void report();

  Stages& stages_;
  std::string source_;  ///< its name, for people
  bool live_;
  Milliseconds patience_;  ///< with a live source that gives nothing
  Mattes& mattes_;
  Mailbox<Arrival>& arrivals_;
  Meter& meter_;
  Log log_;

  FrameInfo last_;                  ///< of the newest frame that came
  int scene_ = 0;                   ///< which the mattes belong to
  std::optional<Error> absent_;     ///< why no frames come
  std::optional<SafeFrame> still_;  ///< repeated while nobody watches
  std::string hidden_because_;      ///< empty while the person is shown
  std::string last_said_;
  Clock::time_point last_said_at_{};
  Clock::time_point last_report_ = Clock::now();
  std::optional<SinkWriter> writer_;  ///< last: its thread uses what is above
};

}  // namespace viba
