#include "pipeline/capture_loop.h"

#include <condition_variable>
#include <mutex>

#include "pipeline/guard.h"

namespace viba {
namespace {

using What = Arrival::What;

/// How long after a failed read the next one is tried.
constexpr std::chrono::milliseconds kBetweenTries{200};

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
    if (info_.live && !audience_.present()) {
      rest(stop);
      continue;
    }
    auto frame = read(stop);
    if (frame && *frame) {
      meter_.frames_in++;
      hand_over({.frame = std::move(**frame)}, stop);
    } else if (frame) {
      return hand_over({.what = What::kEnded}, stop);
    } else if (info_.recovers) {
      ++scene_;
      hand_over({.what = What::kLost, .error = frame.error()}, stop);
      pause(stop, kBetweenTries);
    } else {
      return hand_over({.what = What::kEnded, .error = frame.error()}, stop);
    }
  }
}

void CaptureLoop::rest(const std::stop_token& stop) {
  // What a source throws while it lets go changes nothing: the next read says what is wrong.
  (void)guarded("The source", [&]() -> Result<void> {
    source_.rest();
    return {};
  });
  ++scene_;
  hand_over({.what = What::kResting}, stop);
  audience_.wait(stop);
  hand_over({.what = What::kWaking}, stop);
}

Result<std::optional<Frame>> CaptureLoop::read(const std::stop_token& stop) {
  const auto start = Clock::now();
  auto frame = guarded("The source", [&] { return source_.read(stop); });
  meter_.skipped = source_.skipped();
  if (!frame || !*frame) return frame;
  FrameInfo info = (*frame)->info();
  const auto now = Clock::now();
  // A source that does not say when: masks are judged by their age, so there must be a time.
  if (info.taken == Clock::time_point{}) info.taken = now;
  // A live source spends most of a read waiting for the world; what counts is the work after that.
  meter_.record(Stage::kCapture, now - (info_.live ? info.taken : start));
  return (*frame)->with_info(info);
}

void CaptureLoop::hand_over(Arrival arrival, const std::stop_token& stop) {
  arrival.scene = scene_;
  if (!info_.live) {
    arrivals_.put_waiting(std::move(arrival), stop);
  } else if (arrivals_.put_newest(std::move(arrival))) {
    meter_.dropped++;
  }
}

}  // namespace viba
