#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <vector>

#include <viba/bench.h>
#include <viba/pipeline.h>

#include "pipeline/bench_clip.h"
#include "pipeline/bench_stages.h"

namespace viba {

/// What both parts of a bench are given. It outlives them.
struct BenchPart {
  BenchClip& clip;
  Stages stages;  ///< segmenter, refiner and compositor
  const Options& options;
  const BenchSettings& settings;
  Log log;
  std::stop_token stop;
  std::function<void()> shown;  ///< called with each frame that the sink has, after its time was taken
};

/// Frames come by the clock. Errors: those of the pipeline; kClosed (stopped before the end).
[[nodiscard]] Result<PacedReport> run_paced(BenchPart part);

struct LockstepResult {
  std::vector<BenchLap> laps;   ///< of the frames that count
  std::vector<double> bare_ms;  ///< of the bare network's runs
  double bare_allocations = 0;  ///< of one of them, mean; 0 when they are not counted
};

/// Each frame comes when the one before is out, and blocks of them take turns with the bare network. Calls
/// `before_bare` before that is made. Errors: as `run_paced`, and those of `BareNetwork`.
[[nodiscard]] Result<LockstepResult> run_lockstep(BenchPart part, const std::function<void()>& before_bare);

/// Errors: kClosed, when it was stopped.
[[nodiscard]] Result<void> not_stopped(const std::stop_token& stop);

}  // namespace viba
