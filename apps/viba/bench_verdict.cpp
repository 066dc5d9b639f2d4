#include "bench_verdict.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace viba::app {
namespace {

/// Of the time between frames: more leaves nothing for the rest of the machine's work.
constexpr double kFull = 0.95;
/// The same for what is only estimated.
constexpr double kSafe = 0.8;

double interval_ms(const BenchSettings& settings) { return 1000 / settings.frames_per_second; }

/// "720p30" where the size has such a name.
std::string goal_of(const BenchSettings& settings) {
  const auto [width, height] = settings.size;
  if (width * 9 == height * 16) return fmt::format("{}p{:g}", height, settings.frames_per_second);
  return fmt::format("{}x{} at {:g} frames a second", width, height, settings.frames_per_second);
}

std::string share_of_core(double cores) {
  return cores < 1 ? fmt::format("{:.0f}% of one core", 100 * cores) : fmt::format("{:.1f} cores", cores);
}

double pixels(Size size) { return double(size.width) * double(size.height); }

/// The network's time does not depend on the size, the rest goes with the pixels.
double estimate_ms(const BenchReport& report, Size from, Size to) {
  const double network = report.network_ms.p95;
  return network + std::max(0.0, report.frame_ms.p95 - network) * pixels(to) / pixels(from);
}

std::string smaller_size(const BenchReport& report, const BenchSettings& settings) {
  for (const Size size : {Size{1920, 1080}, Size{1280, 720}, Size{960, 540}, Size{640, 360}})
    if (pixels(size) < pixels(settings.size) &&
        estimate_ms(report, settings.size, size) <= kSafe * interval_ms(settings))
      return fmt::format("--real-cam-resolution {}x{}", size.width, size.height);
  return "";
}

double stage_ms(const BenchReport& report, std::string_view name) {
  const auto found = std::ranges::find(report.stages, name, &BenchStage::name);
  return found == report.stages.end() ? 0 : found->ms.p95;
}

/// Whether frames that take the newest mask there is would keep up.
bool latest_helps(const BenchReport& report, const BenchSettings& settings) {
  const double own = stage_ms(report, "composite") + stage_ms(report, "sinks");
  return std::max(own, stage_ms(report, "capture")) <= kSafe * interval_ms(settings);
}

std::string too_slow(const BenchReport& report, const BenchSettings& settings) {
  std::string sentence =
      fmt::format("This machine is too slow for {} with a mask for every frame, one of which takes {:.0f} ms of {:.0f}",
                  goal_of(settings), report.frame_ms.p95, interval_ms(settings));
  if (report.network_ms.p95 > kSafe * interval_ms(settings))
    sentence += fmt::format(" ({:.0f} of them the network)", report.network_ms.p95);
  sentence += ": try ";
  if (const auto size = smaller_size(report, settings); !size.empty()) sentence += size + ", ";
  sentence += "a faster model (viba models --measure)";
  return sentence + (latest_helps(report, settings) ? ", or --mask-mode latest." : ".");
}

}  // namespace

std::string verdict(const BenchReport& report, const BenchSettings& settings, MaskMode mode) {
  if (2 * report.placeholders > report.frames)
    return "Most frames had no mask to trust, so nothing can be said of this machine; the warning above says why.";
  if (report.frame_ms.p95 > kFull * interval_ms(settings)) return too_slow(report, settings);
  const bool paced = report.paced && mode == MaskMode::kEveryFrame;
  const double cores = paced ? report.paced->cpu_seconds_per_second : report.cpu_ms_per_frame / interval_ms(settings);
  std::string sentence =
      fmt::format("This machine does {} with a mask for every frame on {}", goal_of(settings), share_of_core(cores));
  if (paced) sentence += fmt::format(", {:.0f} ms behind the camera", report.paced->latency_ms.p50);
  if (paced && report.paced->dropped > 0)
    sentence += fmt::format("; {} frame{} lost meanwhile", report.paced->dropped,
                            report.paced->dropped == 1 ? " was" : "s were");
  return sentence + ".";
}

}  // namespace viba::app
