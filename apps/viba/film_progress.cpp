#include "film_progress.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>

#include <fmt/format.h>

#include "terminal.h"

namespace viba::app {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

std::string minutes(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
                      : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

void draw(const Pipeline& pipeline, std::uint64_t total, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kBetween{200};
  const auto start = Clock::now();
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!never.wait_for(lock, stop, kBetween, [&] { return stop.stop_requested(); }))
    show_status(progress_line(pipeline.statistics().frames_out, total, Clock::now() - start));
}

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t total, Seconds since) {
  const double rate = since.count() > 0 ? static_cast<double>(done) / since.count() : 0;
  if (total == 0) return fmt::format("{} frames, {:.0f} a second", done, rate);
  constexpr std::uint64_t kNearly = 99;
  const auto percent = static_cast<int>(done == total ? 100 : std::min(kNearly, done * 100 / total));
  const std::string left =
      rate > 0 && done <= total ? fmt::format(", {} left", minutes(double(total - done) / rate)) : "";
  return fmt::format("{}  {} of {} frames, {:.0f} a second{}", progress_bar(percent), done, total, rate, left);
}

FilmProgress::FilmProgress(const Pipeline& pipeline, std::uint64_t total) {
  if (!has_terminal()) return;
  drawing_ = std::jthread([&pipeline, total](const std::stop_token& stop) {
    try {
      draw(pipeline, total, stop);
    } catch (const std::exception&) {  // the film goes on without it
    }
  });
}

FilmProgress::~FilmProgress() {
  drawing_ = {};
  show_status("");
}

}  // namespace viba::app
