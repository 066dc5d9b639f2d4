#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <vector>

#include <viba/log.h>

#include "pipeline/cpu_governor.h"
#include "pipeline/thrift.h"

namespace viba {

/// How much processor time there was, of all threads of the process, and when.
struct CpuReading {
  Clock::time_point when;
  std::chrono::nanoseconds used{0};
};
using CpuClock = std::function<CpuReading()>;
[[nodiscard]] CpuReading read_cpu_clock();

/// Keeps the process under what `--max-cpu` allows, and says each change through the log.
/// Thread-safety: `wants_lighter` and `lose_lighter` from any thread, everything else from one.
class CpuBudget {
 public:
  /// `allowed` in percent of one core.
  CpuBudget(double allowed, const ThriftBounds& bounds, const Log& log, CpuClock clock = read_cpu_clock);

  /// Called for each frame that is shown: measures whenever a second has passed.
  void observe();

  [[nodiscard]] const Thrift& now() const { return steps_[governor_.step()]; }
  [[nodiscard]] bool wants_lighter() const { return wants_lighter_; }
  /// The smaller network cannot be used after all.
  void lose_lighter() { lost_lighter_ = true; }

 private:
  void drop_lighter();
  void take(double used);

  double allowed_;
  Log log_;
  CpuClock clock_;
  std::vector<Thrift> steps_;
  CpuGovernor governor_;
  std::optional<CpuReading> last_;
  std::atomic<bool> wants_lighter_ = false;
  std::atomic<bool> lost_lighter_ = false;
};

}  // namespace viba
