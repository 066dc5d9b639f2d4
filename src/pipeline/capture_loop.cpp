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
  // A live source spends most of a read waiting for the world; what counts is the work after that.
  if (frame && *frame) meter_.record(Stage::kCapture, Clock::now() - (live_ ? (*frame)->info().taken : start));
  return frame;
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
  stages_.source.reset();  // or the device would be busy: with us
  while (!stop.stop_requested()) {
    pause(stop, kBetweenTries);
    auto source = guarded("Opening the source", [&] { return stages_.reopen_source(); });
    if (!source) continue;
    stages_.source = std::move(*source);
    return log_.info("The source is back: " + stages_.source->info().name + ".");
  }
}

}  // namespace viba
