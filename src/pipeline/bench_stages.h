#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <viba/stages.h>

#include "pipeline/statistics.h"

namespace viba {

/// What is measured of one frame. Its source, its stages and its sink write it one after the other, each from the
/// thread that has the frame.
struct BenchLap {
  enum class Shown { kNobody, kHidden, kPerson };

  Clock::time_point start;
  std::array<Clock::duration, kStageNames.size()> stages{};
  Clock::duration network{};
  int network_runs = 0;
  Clock::duration frame{};         ///< from its start until the sink has it
  std::chrono::nanoseconds cpu{};  ///< of the process: first its clock at the start, then what went by
  std::uint64_t allocations = 0;   ///< the same of the program's counter
  Shown shown = Shown::kNobody;    ///< what the compositor made of it
  Clock::duration& of(Stage stage) { return stages[static_cast<std::size_t>(stage)]; }
};

/// Each measures the stage that it stands before, and is that stage in all else. The lap outlives it.
[[nodiscard]] std::unique_ptr<Segmenter> measured(std::unique_ptr<Segmenter> segmenter, BenchLap& lap);
[[nodiscard]] std::unique_ptr<Refiner> measured(std::unique_ptr<Refiner> refiner, BenchLap& lap);
[[nodiscard]] std::unique_ptr<Compositor> measured(std::unique_ptr<Compositor> compositor, BenchLap& lap);

/// Packs frames as for v4l2loopback into memory of its own; then calls `packed`, on the processing thread, with which
/// frame that was. Placeholders for no frame at all are left out.
[[nodiscard]] std::unique_ptr<Sink> make_bench_sink(Size size, BenchLap& lap,
                                                    std::function<Result<void>(const FrameInfo&)> packed);

}  // namespace viba
