#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <viba/export.h>
#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

/// How fast the pipeline is on this machine.
/// Thread-safety: all functions may be called from any thread, but what is measured is the process: one at a time.
namespace viba {

/// How the pictures of the measured camera are packed.
enum class BenchFormat { kYuyv, kMjpeg, kNv12, kI420 };

struct BenchSettings {
  std::string input;     ///< a video or picture file; empty: the bundled sample
  Size size{1280, 720};  ///< of the camera's pictures and of what leaves; even
  BenchFormat format = BenchFormat::kYuyv;
  int warm_up = 30;               ///< frames of each part before those that count, 0..
  int frames = 300;               ///< that count of the first part, 1..
  double seconds = 10;            ///< that count of the part at a camera's pace; 0 leaves it out
  double frames_per_second = 30;  ///< that pace

  /// How often the program has allocated until now, on any thread; null: not counted.
  std::uint64_t (*allocations)() = nullptr;
};

/// In milliseconds; the smallest measured time that as many percent of them do not exceed (nearest rank).
struct Percentiles {
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
};
[[nodiscard]] VIBA_EXPORT Percentiles percentiles_of(std::vector<double> milliseconds);

struct BenchStage {
  std::string_view name;
  Percentiles ms;
};

/// The part at a camera's pace: frames become available by the clock, and the newest wins.
struct PacedReport {
  double frames_per_second = 0;
  double seconds = 0;
  Percentiles latency_ms;             ///< from when a frame was available until the sink had it
  double cpu_seconds_per_second = 0;  ///< of the whole process, all threads
  std::uint64_t dropped = 0;          ///< frames that never reached the sink
  std::uint64_t placeholders = 0;     ///< frames that reached it without the person
};

/// Frame for frame: one at a time is on its way, and each gets its own mask whatever `Options::mask_mode` says. A frame
/// lasts from before its picture is converted until the sink has packed it; that it passes from the capture thread to
/// the processing thread is a part of that. The rest of the report is of the same part, unless it says otherwise.
struct BenchReport {
  std::string cpu;      ///< its name
  int cores = 0;        ///< that the process may use
  std::string input;    ///< the file
  std::string network;  ///< its name and where it runs

  std::uint64_t frames = 0;
  Percentiles frame_ms;
  double cpu_ms_per_frame = 0;  ///< mean, of all threads
  std::vector<BenchStage> stages;
  Percentiles network_ms;       ///< the network's own runs within `segment`, those of one frame together
  Percentiles bare_network_ms;  ///< the same network without a pipeline, in turns with blocks of frames
  double inference_ratio = 0;   ///< of the two medians
  double rest_ms = 0;           ///< median of a frame without its network and, of MJPEG, without capture
  std::uint64_t placeholders = 0;
  std::uint64_t dropped = 0;

  std::optional<PacedReport> paced;

  /// The largest resident memory until the end of the paced part, or before the bare network is made where there is no
  /// such part; in 10^6 bytes. The clip is not in it: it lies in the kernel's memory, and making it is forgotten where
  /// the kernel can do that (/proc/self/clear_refs), else this is an upper bound.
  double peak_rss_mb = 0;
  /// From the process's start (as the kernel knows it, to 10 ms; what it was before an exec counts, too) to the first
  /// frame with a person, without the time that making the clip took.
  double start_ms = 0;

  /// Mean. Unset when they were not counted. What a run of the bare network allocates is the engine's, as often as the
  /// network ran; all else between a frame's start and its end is ours.
  std::optional<double> allocations_per_frame;
  std::optional<double> engine_allocations_per_frame;
};

/// Runs the pipeline that `options` ask for on a clip, fed as by a camera and written as to v4l2loopback (YUYV), in
/// memory. Takes from `options`: those of `make_background`, of the matte and the network, mask_mode, max_mask_age,
/// max_cpu, data_dirs, model_dir. Errors: kUsage (a setting out of its range), those of the clip, the model and the
/// background, kInference (the bare network fails), kClosed (stopped before the end).
[[nodiscard]] VIBA_EXPORT Result<BenchReport> bench(const Options& options, const BenchSettings& settings,
                                                    const Log& log, std::stop_token stop);

}  // namespace viba
