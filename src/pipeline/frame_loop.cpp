#include "pipeline/frame_loop.h"

#include "pipeline/guard.h"

namespace viba {
namespace {

using namespace std::chrono_literals;

constexpr auto kReportInterval = 10s;
constexpr auto kPlaceholderInterval = 200ms;  ///< how often a placeholder is repeated while no frame comes
constexpr auto kSilence = 1s;                 ///< of a live source, before viewers are told

Compositor::Why reason_of(const Frame* frame, const Error& why) {
  if (why.code == ErrorCode::kClosed) return Compositor::Why::kStarting;
  return frame == nullptr ? Compositor::Why::kNoCamera : Compositor::Why::kNoMatte;
}

}  // namespace

Result<void> FrameLoop::show(const Frame& frame) {
  const auto matte = mattes_.for_frame(frame);  // segment → refine, or the newest that there is
  const auto matted = Clock::now();
  auto safe = matte.and_then([&](const Matte& own) { return composite(frame, own); });
  if (safe && !hidden_because_.empty()) {
    log_.info("The person is shown again.");
    hidden_because_.clear();
  }
  if (!safe) safe = hide(&frame, safe.error());
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
  return guarded("The placeholder",
                 [&] { return stages_.compositor->placeholder(frame, info, reason_of(frame, why)); });
}

Result<void> FrameLoop::publish(const SafeFrame& frame) {
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
  if (why.code == ErrorCode::kClosed) return;
  if (last_said_ == why.message && Clock::now() - last_said_at_ < kReportInterval) return;
  last_said_ = why.message;
  last_said_at_ = Clock::now();
  log_.warning("A placeholder is shown instead of you: " + why.message);
}

Result<void> FrameLoop::handle(Arrival arrival) {
  lost_ = std::move(arrival.lost);
  if (arrival.ended) return fail(ErrorCode::kClosed, "The source has ended.");
  if (lost_) return hide(nullptr, *lost_).and_then([&](const SafeFrame& out) { return publish(out); });
  last_ = arrival.frame.info();
  return show(arrival.frame);
}

Result<void> FrameLoop::wait_out() {
  if (!lost_ && Clock::now() - last_.taken < kSilence) return {};
  const Error silence{ErrorCode::kIo, "The camera gives no pictures."};
  return hide(nullptr, lost_.value_or(silence)).and_then([&](const SafeFrame& out) { return publish(out); });
}

void FrameLoop::report() {
  if (Clock::now() - last_report_ < kReportInterval) return;
  last_report_ = Clock::now();
  log_.info(describe(meter_.since_last()));
}

Result<void> FrameLoop::run(const std::stop_token& stop) {
  last_.taken = Clock::now();
  Result<void> ok;
  if (live_)
    ok = hide(nullptr, {ErrorCode::kClosed, "Starting."}).and_then([&](const SafeFrame& out) { return publish(out); });
  while (ok && !stop.stop_requested()) {
    auto arrival = live_ ? arrivals_.take_for(stop, kPlaceholderInterval) : arrivals_.take(stop);
    if (stop.stop_requested()) break;
    const bool ended = arrival && arrival->ended;
    ok = arrival ? handle(std::move(*arrival)) : wait_out();
    if (ended && lost_) return tl::unexpected(*lost_);
    report();
  }
  if (!ok && ok.error().code == ErrorCode::kClosed) return {};
  return ok;
}

}  // namespace viba
