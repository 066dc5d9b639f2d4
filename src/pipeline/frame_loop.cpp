#include "pipeline/frame_loop.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pipeline/guard.h"

namespace viba {
namespace {

using namespace std::chrono_literals;
using What = Arrival::What;

constexpr auto kReportInterval = 10s;
constexpr auto kPlaceholderInterval = 200ms;  ///< how often a placeholder is repeated while no frame comes
constexpr auto kStillInterval = 5s;           ///< and while nobody watches, for outputs that were away

/// How long a live source may give nothing before viewers are told: one that is slow is not lost.
Milliseconds patience_with(const SourceInfo& source) {
  constexpr Milliseconds kLeast{1000};
  constexpr double kFrames = 3;
  return source.frames_per_second > 0 ? std::max(kLeast, Milliseconds(1000 * kFrames / source.frames_per_second))
                                      : kLeast;
}

const Error& starting() {
  static const Error error{ErrorCode::kNotYet, "Starting."};
  return error;
}

Compositor::Why reason_of(const Frame* frame, const Error& why) {
  if (why.code == ErrorCode::kNotYet) return Compositor::Why::kStarting;
  if (why.code == ErrorCode::kAskedAway) return Compositor::Why::kAskedAway;
  return frame == nullptr ? Compositor::Why::kNoCamera : Compositor::Why::kNoMatte;
}

}  // namespace

FrameLoop::FrameLoop(Stages& stages, const SourceInfo& source, Mattes& mattes, Mailbox<Arrival>& arrivals, Meter& meter,
                     const Log& log)
    : stages_(stages),
      source_(source.name),
      live_(source.live),
      patience_(patience_with(source)),
      mattes_(mattes),
      arrivals_(arrivals),
      meter_(meter),
      log_(log) {
  if (!live_) writer_.emplace([this](const SafeFrame& frame) { return write(frame); });
}

Result<void> FrameLoop::show(const Frame& frame) {
  const auto matte = mattes_.for_frame(frame);  // segment → refine, or the newest that there is
  const auto matted = Clock::now();
  auto safe = matte.and_then([&](const Matte& own) { return composite(frame, own); });
  if (safe)
    say_shown();
  else
    safe = hide(&frame, safe.error());
  return safe.and_then([&](const SafeFrame& out) { return publish(out); }).map([&] {
    mattes_.observe(Clock::now() - matted);
  });
}

Result<SafeFrame> FrameLoop::composite(const Frame& frame, const Matte& matte) {
  return meter_.timed(Stage::kComposite, [&] {
    return guarded("Compositing", [&] { return stages_.compositor->composite(frame, matte); });
  });
}

Result<SafeFrame> FrameLoop::hide(const Frame* frame, const Error& why) {
  meter_.placeholders++;
  say_hidden(why);
  FrameInfo info = last_;
  if (frame == nullptr) {
    info.position += Clock::now() - last_.taken;
    info.taken = Clock::now();
  }
  return guarded("The placeholder", [&] { return stages_.compositor->placeholder(frame, info, reason_of(frame, why)); })
      .map_error([](Error error) {
        return Error{ErrorCode::kInternal, std::move(error.message)};
      });
}

Result<void> FrameLoop::show_nobody(const Error& why) {
  return hide(nullptr, why).and_then([&](const SafeFrame& out) { return publish(out); });
}

Result<void> FrameLoop::publish(const SafeFrame& frame) { return writer_ ? writer_->put(frame) : write(frame); }

Result<void> FrameLoop::write(const SafeFrame& frame) {
  return meter_.timed(Stage::kSinks, [&]() -> Result<void> {
    auto& sinks = stages_.sinks;
    for (auto sink = sinks.begin(); sink != sinks.end(); ++sink) {
      auto ok = guarded("The output", [&] { return (*sink)->write(frame); });
      if (ok) continue;
      sinks.erase(sink);  // what failed is not finished: a half-written file must not look whole
      return ok;
    }
    meter_.frames_out++;
    return {};
  });
}

/// A reason is said when it is new, and at most every ten seconds when two take turns.
void FrameLoop::say_hidden(const Error& why) {
  if (hidden_because_ == why.message) return;
  hidden_because_ = why.message;
  if (why.code == ErrorCode::kNotYet) return;
  if (last_said_ == why.message && Clock::now() - last_said_at_ < kReportInterval) return;
  last_said_ = why.message;
  last_said_at_ = Clock::now();
  if (why.code == ErrorCode::kAskedAway) return log_.info(why.message);
  log_.warning("A placeholder is shown instead of you: " + why.message);
}

void FrameLoop::say_shown() {
  if (!hidden_because_.empty() && hidden_because_ == last_said_) log_.info("The person is shown again.");
  hidden_because_.clear();
}

Result<void> FrameLoop::handle(Arrival arrival) {
  if (std::exchange(scene_, arrival.scene) != arrival.scene) mattes_.reset();
  if (arrival.what == What::kResting) return rest();
  if (arrival.what == What::kWaking) return wake();
  absent_ = std::move(arrival.error);
  still_.reset();
  if (absent_) return show_nobody(*absent_);
  last_ = arrival.frame.info();
  if (mattes_.leaves_out()) {
    meter_.dropped++;
    return {};
  }
  return show(arrival.frame);
}

Result<void> FrameLoop::rest() {
  log_.info(fmt::format("Nobody watches: {} is off until somebody does.", source_));
  // What a watcher sees first, when the camera is not there yet.
  return hide(nullptr, starting()).and_then([&](const SafeFrame& still) {
    still_ = still;
    return publish(still);
  });
}

Result<void> FrameLoop::wake() {
  if (std::exchange(still_, {})) log_.info(fmt::format("Somebody watches: {} is switched on.", source_));
  absent_ = starting();
  return show_nobody(*absent_);
}

Result<void> FrameLoop::wait_out() {
  if (still_) return publish(*still_);
  if (!absent_ && Clock::now() - last_.taken < patience_) return {};
  const Error silence{ErrorCode::kIo, "The camera gives no pictures."};
  return show_nobody(absent_.value_or(silence));
}

void FrameLoop::report() {
  if (Clock::now() - last_report_ < kReportInterval || !log_.enabled(LogLevel::kInfo)) return;
  last_report_ = Clock::now();
  const Statistics numbers = meter_.since_last();
  if (!still_) log_.info(describe(numbers));
}

Result<void> FrameLoop::run(const std::stop_token& stop) {
  auto ok = guarded("The pipeline", [&] { return until_the_end(stop); });
  if (writer_)
    if (auto written = writer_->finish(); ok) ok = written;
  if (!ok && ok.error().code == ErrorCode::kClosed) return {};
  return ok;
}

Result<void> FrameLoop::until_the_end(const std::stop_token& stop) {
  last_.taken = Clock::now();
  Result<void> ok;
  if (live_) ok = wake();
  while (ok && !stop.stop_requested()) {
    const auto interval = still_ ? kStillInterval : kPlaceholderInterval;
    auto arrival = live_ ? arrivals_.take_for(stop, interval) : arrivals_.take(stop);
    if (stop.stop_requested()) break;
    if (arrival && arrival->what == What::kEnded)
      return arrival->error ? tl::unexpected(*arrival->error) : Result<void>{};
    ok = arrival ? handle(std::move(*arrival)) : wait_out();
    report();
  }
  return ok;
}

}  // namespace viba
