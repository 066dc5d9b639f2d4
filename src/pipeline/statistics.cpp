#include "pipeline/statistics.h"

#include <algorithm>

#include <fmt/format.h>

namespace viba {
namespace {

StageTimes summarize(std::string_view name, std::vector<float> ms) {
  const auto at = [&](double share) {
    const auto place = ms.begin() + static_cast<std::ptrdiff_t>(share * double(ms.size() - 1));
    std::nth_element(ms.begin(), place, ms.end());
    return double{*place};
  };
  return {name, at(0.5), at(0.95)};
}

}  // namespace

Meter::Meter() : start_(now()), last_(start_) {}

void Meter::record(Stage stage, Milliseconds time) {
  Times& times = times_[static_cast<std::size_t>(stage)];
  const std::scoped_lock lock(times.mutex);
  times.ms[times.count++ % kKept] = static_cast<float>(time.count());
}

Meter::Mark Meter::now() const { return {Clock::now(), frames_in, frames_out, masks, dropped, skipped, placeholders}; }

Statistics Meter::total() const { return between(start_, now()); }

Statistics Meter::since_last() {
  const Mark mark = now();
  return between(std::exchange(last_, mark), mark);
}

Statistics Meter::between(const Mark& from, const Mark& to) const {
  Statistics s;
  s.frames_in = to.frames_in - from.frames_in;
  s.frames_out = to.frames_out - from.frames_out;
  s.masks = to.masks - from.masks;
  s.dropped = to.dropped - from.dropped;
  s.skipped = to.skipped - from.skipped;
  s.placeholders = to.placeholders - from.placeholders;
  const double seconds = std::max(1e-9, std::chrono::duration<double>(to.when - from.when).count());
  s.frames_per_second = double(s.frames_out) / seconds;
  s.masks_per_second = double(s.masks) / seconds;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    const std::scoped_lock lock(times_[i].mutex);
    const auto kept = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(times_[i].count, kKept));
    if (kept > 0) s.stages.push_back(summarize(kStageNames[i], {times_[i].ms.begin(), times_[i].ms.begin() + kept}));
  }
  return s;
}

std::string describe(const Statistics& s) {
  std::string line =
      fmt::format("{:.1f} frames/s, {:.1f} masks/s; ms median/p95:", s.frames_per_second, s.masks_per_second);
  for (const auto& stage : s.stages)
    line += fmt::format("{} {} {:.2f}/{:.2f}", &stage == s.stages.data() ? "" : ",", stage.name, stage.median_ms,
                        stage.p95_ms);
  line += fmt::format("; {} dropped", s.dropped);
  if (s.skipped > 0) line += fmt::format(", {} came damaged", s.skipped);
  if (s.placeholders > 0) line += fmt::format(", {} hidden", s.placeholders);
  return line;
}

}  // namespace viba
