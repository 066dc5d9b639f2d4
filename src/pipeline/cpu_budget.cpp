#include "pipeline/cpu_budget.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace viba {
namespace {

using namespace std::chrono_literals;

constexpr auto kSample = 1s;
constexpr auto kLongest = 2s;  ///< whoever showed nothing for so long rested, which says nothing of the work

}  // namespace

CpuReading read_cpu_clock() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return {Clock::now(), std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec)};
}

CpuBudget::CpuBudget(double allowed, const ThriftBounds& bounds, const Log& log, CpuClock clock)
    : allowed_(allowed),
      log_(log),
      clock_(std::move(clock)),
      steps_(thrift_steps(bounds)),
      governor_(allowed, steps_.size()) {}

void CpuBudget::observe() {
  if (lost_lighter_.exchange(false)) drop_lighter();
  const CpuReading reading = clock_();
  if (!last_) last_ = reading;
  const auto passed = reading.when - last_->when;
  if (passed < kSample) return;
  const auto used = reading.used - std::exchange(last_, reading)->used;
  if (passed < kLongest) take(100 * std::chrono::duration<double>(used) / std::chrono::duration<double>(passed));
}

void CpuBudget::take(double used) {
  const Thrift before = now();
  const auto verdict = governor_.observe(used);
  if (verdict == CpuGovernor::Verdict::kStay) return;
  const auto use = fmt::format("ViBa used {:.3g}% of a core of {:g}% allowed", governor_.average(), allowed_);
  if (verdict == CpuGovernor::Verdict::kNothingLeft)
    return log_.warning(use +
                        ", and there is nothing left to save; choose smaller pictures with --real-cam-resolution "
                        "or --fake-cam-resolution, or a lower --real-cam-fps.");
  wants_lighter_ = now().lighter;
  const char* room = verdict == CpuGovernor::Verdict::kSaveLess ? "There is room again, " : "";
  log_.info(fmt::format("{}{}: {} from now.", room, use, describe_change(before, now())));
}

void CpuBudget::drop_lighter() {
  const auto step = std::ranges::find(steps_, true, &Thrift::lighter);
  if (step == steps_.end()) return;
  governor_.remove(static_cast<std::size_t>(step - steps_.begin()));
  steps_.erase(step);
  for (Thrift& other : steps_) other.lighter = false;
  wants_lighter_ = false;
}

}  // namespace viba
