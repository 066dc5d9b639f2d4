#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include <viba/pipeline.h>

namespace viba {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

/// The parts of a frame's way whose time is told apart, in order.
enum class Stage { kCapture, kSegment, kRefine, kComposite, kSinks };
inline constexpr std::array<std::string_view, 5> kStageNames{"capture", "segment", "refine", "composite", "sinks"};

/// Counts and times of a run. Recording allocates nothing.
/// Thread-safety: everything may be called from any thread, `since_last` from one at a time.
class Meter {
 public:
  Meter();

  void record(Stage stage, Milliseconds time);
  /// Runs `work` and records how long it took.
  template <class Work>
  auto timed(Stage stage, Work&& work) {
    const auto start = Clock::now();
    auto result = work();
    record(stage, Clock::now() - start);
    return result;
  }

  std::atomic<std::uint64_t> frames_in{0}, frames_out{0}, masks{0}, dropped{0}, skipped{0}, placeholders{0};

  /// Since the beginning.
  [[nodiscard]] Statistics total() const;
  /// Since the last call of `since_last`; `total`'s stages.
  [[nodiscard]] Statistics since_last();

 private:
  static constexpr std::size_t kKept = 1024;
  struct Times {
    mutable std::mutex mutex;
    std::array<float, kKept> ms{};
    std::uint64_t count = 0;
  };
  struct Mark {
    Clock::time_point when;
    std::uint64_t frames_in = 0, frames_out = 0, masks = 0, dropped = 0, skipped = 0, placeholders = 0;
  };
  [[nodiscard]] Mark now() const;
  [[nodiscard]] Statistics between(const Mark& from, const Mark& to) const;

  std::array<Times, kStageNames.size()> times_;
  Mark start_;
  Mark last_;
};

}  // namespace viba
