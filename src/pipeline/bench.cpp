#include <viba/bench.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <numeric>

#include <fmt/format.h>

#include "base/data_dirs.h"
#include "composite/compositor.h"
#include "pipeline/bench_machine.h"
#include "pipeline/bench_parts.h"
#include "refine/matte_refiner.h"
#include "segment/make_segmenter.h"

namespace viba {
namespace {

Result<void> check(const BenchSettings& settings) {
  constexpr int kMostFrames = 100'000;
  constexpr int kMostSeconds = 3600;
  constexpr int kFastest = 240;
  const auto within = [](double value, double least, double most) { return value >= least && value <= most; };
  if (!within(settings.frames, 1, kMostFrames) || !within(settings.warm_up, 0, kMostFrames))
    return fail(ErrorCode::kUsage,
                fmt::format("A bench measures 1 to {0} frames after 0 to {0} that do not count.", kMostFrames));
  if (!within(settings.seconds, 0, kMostSeconds) || !within(settings.frames_per_second, 1, kFastest))
    return fail(ErrorCode::kUsage, fmt::format("A bench's live part lasts 0 to {} seconds at 1 to {} frames a second.",
                                               kMostSeconds, kFastest));
  return {};
}

Result<std::string> input_of(const Options& options, const BenchSettings& settings) {
  if (!settings.input.empty()) return settings.input;
  if (auto sample = find_data_file(options, "sample/sample.mp4")) return std::move(*sample);
  return fail(ErrorCode::kNotFound,
              "The bundled sample is missing from ViBa's data folder; name a file with --input FILE.");
}

/// All but source and sinks, as `open_stages` makes them.
Result<Stages> open_middle(const Options& options, Size size, const Log& log) {
  Stages stages;
  auto segmenter = make_segmenter(options, log);
  if (!segmenter) return tl::unexpected(segmenter.error());
  auto refiner = make_refiner(options, (*segmenter)->threshold(), log);
  if (!refiner) return tl::unexpected(refiner.error());
  auto compositor = make_compositor(options, size, log);
  if (!compositor) return tl::unexpected(compositor.error());
  if (options.max_cpu > 0) stages.lighter = lighter_segmenter(options, log);
  stages.segmenter = std::move(*segmenter);
  stages.refiner = std::move(*refiner);
  stages.compositor = std::move(*compositor);
  return stages;
}

/// What a pipeline says of its course is not news here; what goes wrong is.
Log warnings_of(const Log& log) {
  if (log.enabled(LogLevel::kDebug)) return log;
  return Log([log](LogLevel level, std::string_view text) { log.write(level, text); }, LogLevel::kWarning);
}

template <class Number>
Percentiles percentiles_over(const std::vector<BenchLap>& laps, Number&& number) {
  std::vector<double> times;
  times.reserve(laps.size());
  for (const BenchLap& lap : laps) times.push_back(Milliseconds(number(lap)).count());
  return percentiles_of(std::move(times));
}

template <class Number>
double mean_over(const std::vector<BenchLap>& laps, Number&& number) {
  const double sum = std::accumulate(laps.begin(), laps.end(), 0.0,
                                     [&](double so_far, const BenchLap& lap) { return so_far + double(number(lap)); });
  return sum / double(std::max<std::size_t>(1, laps.size()));
}

void count_allocations(const LockstepResult& result, BenchReport& report) {
  const double all = mean_over(result.laps, [](const BenchLap& lap) { return lap.allocations; });
  const double runs = mean_over(result.laps, [](const BenchLap& lap) { return lap.network_runs; });
  report.engine_allocations_per_frame = runs * result.bare_allocations;
  report.allocations_per_frame = all - *report.engine_allocations_per_frame;
}

void tell(const LockstepResult& result, const BenchSettings& settings, BenchReport& report) {
  const auto& laps = result.laps;
  const bool jpeg = settings.format == BenchFormat::kMjpeg;
  const auto stage = [](std::size_t i) { return [i](const BenchLap& lap) { return lap.stages[i]; }; };
  report.frames = laps.size();
  report.frame_ms = percentiles_over(laps, [](const BenchLap& lap) { return lap.frame; });
  report.cpu_ms_per_frame = mean_over(laps, [](const BenchLap& lap) { return Milliseconds(lap.cpu).count(); });
  for (std::size_t i = 0; i < kStageNames.size(); ++i)
    report.stages.push_back({kStageNames[i], percentiles_over(laps, stage(i))});
  report.network_ms = percentiles_over(laps, [](const BenchLap& lap) { return lap.network; });
  report.bare_network_ms = percentiles_of(result.bare_ms);
  if (report.bare_network_ms.p50 > 0) report.inference_ratio = report.network_ms.p50 / report.bare_network_ms.p50;
  report.rest_ms = percentiles_over(laps, [&](const BenchLap& lap) {
                     return lap.frame - lap.network - (jpeg ? lap.stages.front() : Clock::duration{});
                   }).p50;
  report.placeholders = std::uint64_t(std::ranges::count(laps, BenchLap::Shown::kHidden, &BenchLap::shown));
  if (settings.allocations) count_allocations(result, report);
}

class Bench {
 public:
  Bench(const Options& options, const BenchSettings& settings, const Log& log, std::stop_token stop)
      : options_(options), settings_(settings), log_(log), stop_(std::move(stop)) {}

  Result<BenchReport> run(std::string input) {
    report_.input = std::move(input);
    report_.cpu = cpu_name();
    report_.cores = usable_cores();
    auto ok = make_clip();
    if (ok && settings_.seconds > 0) ok = run_at_pace();
    if (ok) ok = run_in_lockstep();
    return ok.map([&] { return std::move(report_); });
  }

 private:
  Result<void> make_clip() {
    const auto start = Clock::now();
    auto clip = BenchClip::create(report_.input, settings_, stop_);
    if (!clip) return tl::unexpected(clip.error());
    clip_.emplace(std::move(*clip));
    forget_peak_resident();
    making_clip_ = Clock::now() - start;
    return {};
  }

  Result<BenchPart> part() {
    // Nobody wants to be told twice.
    auto stages = open_middle(options_, settings_.size, report_.network.empty() ? log_ : Log{});
    if (!stages) return tl::unexpected(stages.error());
    report_.network = stages->segmenter->name();
    return BenchPart{*clip_, std::move(*stages), options_, settings_, warnings_of(log_), stop_, [this] { shown(); }};
  }

  void shown() {
    if (report_.start_ms > 0) return;
    if (const auto age = process_age()) report_.start_ms = Milliseconds(*age - making_clip_).count();
  }

  Result<void> run_at_pace() {
    log_.info(
        fmt::format("Measuring {:g} seconds at {:g} frames a second.", settings_.seconds, settings_.frames_per_second));
    auto paced = part().and_then([](BenchPart&& part) { return run_paced(std::move(part)); });
    if (!paced) return tl::unexpected(paced.error());
    report_.paced = *paced;
    report_.peak_rss_mb = peak_resident_mb();
    return {};
  }

  Result<void> run_in_lockstep() {
    log_.info(fmt::format("Measuring {} frames, one at a time.", settings_.frames));
    const auto before_bare = [this] {
      if (!report_.paced) report_.peak_rss_mb = peak_resident_mb();
    };
    return part()
        .and_then([&](BenchPart&& part) { return run_lockstep(std::move(part), before_bare); })
        .map([&](const LockstepResult& result) { tell(result, settings_, report_); });
  }

  const Options& options_;
  const BenchSettings& settings_;
  const Log& log_;
  std::stop_token stop_;
  BenchReport report_;
  std::optional<BenchClip> clip_;
  Clock::duration making_clip_{};
};

}  // namespace

Result<void> not_stopped(const std::stop_token& stop) {
  if (stop.stop_requested()) return fail(ErrorCode::kClosed, "Stopped before everything was measured.");
  return {};
}

Percentiles percentiles_of(std::vector<double> milliseconds) {
  if (milliseconds.empty()) return {};
  std::ranges::sort(milliseconds);
  const auto at = [&](int percent) {
    const std::size_t rank = (milliseconds.size() * std::size_t(percent) + 99) / 100;
    return milliseconds[std::max<std::size_t>(rank, 1) - 1];
  };
  return {at(50), at(95), at(99)};
}

Result<BenchReport> bench(const Options& options, const BenchSettings& settings, const Log& log,
                          std::stop_token stop) try {
  if (auto valid = check(settings); !valid) return tl::unexpected(valid.error());
  auto input = input_of(options, settings);
  if (!input) return tl::unexpected(input.error());
  return Bench(options, settings, log, std::move(stop)).run(std::move(*input));
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("The measurement failed ({}).", error.what()));
}

}  // namespace viba
