#include "pipeline/capture_loop.h"

#include <condition_variable>
#include <mutex>

#include "pipeline/guard.h"

namespace viba {
namespace {

/// Returns early when a stop is asked for.
void pause(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

void CaptureLoop::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto frame = read(stop);
    if (frame && *frame) {
      meter_.frames_in++;
      hand_over({.frame = std::move(**frame)}, stop);
    } else if (frame) {
      return hand_over({.ended = true}, stop);
    } else if (live_ && stages_.reopen_source) {
      hand_over({.lost = frame.error()}, stop);
      reopen(stop);
    } else {
      return hand_over({.lost = frame.error(), .ended = true}, stop);
    }
  }
}

Result<std::optional<Frame>> CaptureLoop::read(const std::stop_token& stop) {
  const auto start = Clock::now();
  auto frame = guarded("The source", [&] { return stages_.source->read(stop); });
  if (!frame || !*frame) return frame;
  FrameInfo info = (*frame)->info();
  const auto now = Clock::now();
  // A source that does not say when: masks are judged by their age, so there must be a time.
  if (info.taken == Clock::time_point{}) info.taken = now;
  // A live source spends most of a read waiting for the world; what counts is the work after that.
  meter_.record(Stage::kCapture, now - (live_ ? info.taken : start));
  return (*frame)->with_info(info);
}

void CaptureLoop::hand_over(Arrival arrival, const std::stop_token& stop) {
  if (!live_) {
    arrivals_.put_waiting(std::move(arrival), stop);
  } else if (arrivals_.put_newest(std::move(arrival))) {
    meter_.dropped++;
  }
}

void CaptureLoop::reopen(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kBetweenTries{500};
  std::string said;
  stages_.source.reset();  // or the device would be busy: with us
  while (!stop.stop_requested()) {
    pause(stop, kBetweenTries);
    auto source = guarded("Opening the source", [&]() -> Result<std::unique_ptr<Source>> {
      auto opened = stages_.reopen_source();
      if (opened && !*opened) return fail(ErrorCode::kInternal, "The source could not be opened again.");
      if (opened) log_.info("The source is back: " + (*opened)->info().name + ".");
      return opened;
    });
    if (source) {
      stages_.source = std::move(*source);
      return;
    }
    if (said == source.error().message) continue;
    said = source.error().message;
    log_.info("The source is not back yet: " + said);
  }
}

}  // namespace viba
