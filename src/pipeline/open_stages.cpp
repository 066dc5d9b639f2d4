#include <algorithm>

#include <fmt/format.h>

#include <viba/pipeline.h>

#include "capture/camera_source.h"
#include "capture/file_source.h"
#include "capture/pipewire_source.h"
#include "composite/compositor.h"
#include "media/pipewire_node.h"
#include "output/file_sink.h"
#include "output/loopback_sink.h"
#include "output/pipewire_sink.h"
#include "output/preview_sink.h"
#include "pipeline/fitted_source.h"
#include "pipeline/plan.h"
#include "refine/matte_refiner.h"
#include "segment/make_segmenter.h"

namespace viba {
namespace {

std::optional<Size> even(std::optional<Size> size, std::string_view option, const Log& log) {
  if (!size || *size == round_to_even(*size)) return size;
  const Size rounded = round_to_even(*size);
  log.info(fmt::format("--{} {}x{} is rounded to {}x{}: sizes are even.", option, size->width, size->height,
                       rounded.width, rounded.height));
  return rounded;
}

/// The options that say how large and how fast, evened out.
struct Shape {
  std::optional<Size> real, fake;
};

Result<std::unique_ptr<Source>> open_source(const Plan& plan, const Options& options, const Shape& shape, bool watched,
                                            const Log& log) {
  if (!plan.camera) {
    const auto pace = watched ? Pace::kRealTime : Pace::kAsFastAsAsked;
    return open_file_source(plan.source, pace, shape.fake ? shape.fake : shape.real, Fit::kCover, log);
  }
  const CameraRequest request{shape.real.value_or(CameraRequest{}.size), options.real_cam_fps};
  const auto in_pipewire = parse_pipewire(plan.source);
  auto camera =
      in_pipewire ? open_pipewire_source(*in_pipewire, request, log) : open_camera_source(plan.source, request, log);
  return std::move(camera).map([&](std::unique_ptr<Source>&& source) {
    const Size size = shape.fake.value_or(source->info().size);
    return fit_source(std::move(source), size);
  });
}

Result<std::unique_ptr<Sink>> open_sink(const std::string& where, const SourceInfo& source, const Log& log) {
  if (where == "null") return make_null_sink();
  if (const auto name = parse_pipewire(where))
    return open_pipewire_sink(*name, source.size, source.frames_per_second, log);
  if (is_device(where)) return open_loopback_sink(where, source.size, source.frames_per_second, log);
  return open_file_sink(where, source);
}

Result<void> open_sinks(const Plan& plan, const Options& options, Stages& stages, const Log& log) {
  const SourceInfo source = stages.source->info();
  std::optional<Error> failure;
  for (const auto& where : plan.sinks) {
    auto sink = open_sink(where, source, log);
    if (!sink && plan.sinks_are_named) return tl::unexpected(sink.error());
    if (!sink) {
      if (failure) log.warning(failure->message);
      failure = sink.error();
      continue;
    }
    log.info(fmt::format("To {}.", (*sink)->name()));
    stages.sinks.push_back(std::move(*sink));
  }
  if (failure && stages.sinks.empty()) return tl::unexpected(*failure);
  if (failure) log.warning(failure->message);
  if (!options.preview) return {};
  log.info("To the preview window; Escape or q ends, f forgets the room, l learns it anew.");
  return make_preview_sink(source.size).map([&](std::unique_ptr<Sink>&& sink) {
    stages.sinks.push_back(std::move(sink));
  });
}

std::string describe(const SourceInfo& source) {
  const std::string from = fmt::format("From {}, {}x{}", source.name, source.size.width, source.size.height);
  if (source.frames_per_second <= 0) return from + ".";
  return from + fmt::format(" at {:.4g} frames a second.", source.frames_per_second);
}

template <class Stage>
Result<void> keep(Result<std::unique_ptr<Stage>> made, std::unique_ptr<Stage>& place) {
  return std::move(made).map([&](std::unique_ptr<Stage>&& stage) { place = std::move(stage); });
}

}  // namespace

Result<Stages> open_stages(const Options& options, const Log& log) {
  auto plan = make_plan(options, log);
  if (!plan) return tl::unexpected(plan.error());
  const bool watched = options.preview || std::ranges::any_of(plan->sinks, is_watched);
  const Shape shape{even(options.real_cam_resolution, "real-cam-resolution", log),
                    even(options.fake_cam_resolution, "fake-cam-resolution", log)};
  Stages stages;
  auto ok = keep(make_segmenter(options, log), stages.segmenter).and_then([&] {
    return keep(make_refiner(options, stages.segmenter->threshold(), log), stages.refiner);
  });
  if (options.max_cpu > 0) stages.lighter = lighter_segmenter(options, log);
  ok = ok.and_then([&] { return keep(open_source(*plan, options, shape, watched, log), stages.source); });
  if (!ok) return tl::unexpected(ok.error());

  const SourceInfo source = stages.source->info();
  log.info(describe(source));
  ok = keep(make_compositor(options, source.size, log), stages.compositor).and_then([&] {
    return open_sinks(*plan, options, stages, log);
  });
  if (!ok) return tl::unexpected(ok.error());
  return stages;
}

}  // namespace viba
