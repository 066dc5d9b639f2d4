#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include <viba/pipeline.h>

#include "base/data_dirs.h"
#include "capture/file_source.h"
#include "capture/v4l2_source.h"
#include "composite/compositor.h"
#include "media/v4l2_device.h"
#include "output/file_sink.h"
#include "output/loopback_sink.h"
#include "output/preview_sink.h"
#include "pipeline/fitted_source.h"
#include "refine/matte_refiner.h"
#include "segment/onnx_segmenter.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// Where the pictures come from and where they go, before anything is opened.
struct Plan {
  std::string source;
  bool camera = false;
  std::vector<std::string> sinks;
};

bool is_device(const std::string& path) {
  std::error_code error;
  return path.starts_with("/dev/") || fs::is_character_file(path, error);
}

Result<void> plan_source(const Options& options, const std::vector<V4l2Node>& nodes, const Log& log, Plan& plan) {
  plan.source = options.real_cam_device;
  if (plan.source.empty()) {
    const auto camera = std::ranges::find(nodes, V4l2Kind::kCamera, &V4l2Node::kind);
    plan.source = camera == nodes.end() ? "sample" : camera->path;
    if (camera == nodes.end()) log.info("There is no camera here: the bundled sample is shown instead.");
  }
  plan.camera = is_device(plan.source);
  if (plan.source != "sample" || fs::exists("sample")) return {};
  const auto sample = find_data_file(options, "sample/sample.mp4");
  if (!sample)
    return fail(ErrorCode::kNotFound,
                "The bundled sample is missing from ViBa's data folder; name a file with --real-cam-device FILE.");
  plan.source = *sample;
  return {};
}

std::optional<std::string> find_loopback(const std::vector<V4l2Node>& nodes) {
  const V4l2Node* best = nullptr;
  for (const auto& node : nodes)
    if (node.kind == V4l2Kind::kLoopback && (best == nullptr || node.path == "/dev/video20")) best = &node;
  return best ? std::optional(best->path) : std::nullopt;
}

/// "viba-sample.mp4" in the working folder, or .png for a picture.
std::string default_file(const Plan& plan) {
  std::string ending = fs::path(plan.source).extension().string();
  std::ranges::transform(ending, ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  const bool picture =
      ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".webp" || ending == ".bmp";
  return "viba-" + fs::path(plan.source).stem().string() + (picture ? ".png" : ".mp4");
}

Result<void> plan_sinks(const Options& options, const std::vector<V4l2Node>& nodes, const Log& log, Plan& plan) {
  plan.sinks = options.fake_cam_devices;
  if (!plan.sinks.empty()) return {};
  if (const auto loopback = find_loopback(nodes)) {
    plan.sinks.push_back(*loopback);
  } else if (plan.camera && !options.preview) {
    return fail(ErrorCode::kNotFound,
                "There is no v4l2loopback device to publish to. Make one with 'sudo modprobe v4l2loopback video_nr=20 "
                "card_label=ViBa exclusive_caps=1', or use --preview, or name a file with --fake-cam-device FILE.mp4.");
  } else if (!options.preview) {
    plan.sinks.push_back(default_file(plan));
    log.info(fmt::format("There is no v4l2loopback device here: the result is written to {}.", plan.sinks.back()));
  }
  return {};
}

Result<Plan> make_plan(const Options& options, const Log& log) {
  const auto nodes = list_v4l2_nodes();
  Plan plan;
  return plan_source(options, nodes, log, plan)
      .and_then([&] { return plan_sinks(options, nodes, log, plan); })
      .map([&] { return std::move(plan); });
}

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
    return open_file_source(plan.source, pace, shape.fake ? shape.fake : shape.real, Fit::kCover);
  }
  const CameraRequest request{shape.real.value_or(CameraRequest{}.size), options.real_cam_fps};
  return open_v4l2_source(plan.source, request, log).map([&](std::unique_ptr<Source>&& camera) {
    return shape.fake ? fit_source(std::move(camera), *shape.fake) : std::move(camera);
  });
}

Result<std::unique_ptr<Sink>> open_sink(const std::string& where, const SourceInfo& source, const Log& log) {
  if (where == "null") return make_null_sink();
  if (is_device(where)) return open_loopback_sink(where, source.size, source.frames_per_second, log);
  return open_file_sink(where, source);
}

Result<void> open_sinks(const Plan& plan, const Options& options, Stages& stages, const Log& log) {
  const SourceInfo source = stages.source->info();
  for (const auto& where : plan.sinks) {
    auto sink = open_sink(where, source, log);
    if (!sink) return tl::unexpected(sink.error());
    log.info(fmt::format("To {}.", (*sink)->name()));
    stages.sinks.push_back(std::move(*sink));
  }
  if (!options.preview) return {};
  return make_preview_sink(source.size).map([&](std::unique_ptr<Sink>&& sink) {
    stages.sinks.push_back(std::move(sink));
  });
}

template <class Stage>
Result<void> keep(Result<std::unique_ptr<Stage>> made, std::unique_ptr<Stage>& place) {
  return std::move(made).map([&](std::unique_ptr<Stage>&& stage) { place = std::move(stage); });
}

}  // namespace

Result<Stages> open_stages(const Options& options, const Log& log) {
  auto plan = make_plan(options, log);
  if (!plan) return tl::unexpected(plan.error());
  const bool watched = options.preview || std::ranges::any_of(plan->sinks, is_device);
  const Shape shape{even(options.real_cam_resolution, "real-cam-resolution", log),
                    even(options.fake_cam_resolution, "fake-cam-resolution", log)};
  Stages stages;
  stages.refiner = make_refiner(options.segmentation_threshold);
  auto ok = keep(make_segmenter(options, log), stages.segmenter).and_then([&] {
    return keep(open_source(*plan, options, shape, watched, log), stages.source);
  });
  if (!ok) return tl::unexpected(ok.error());

  const SourceInfo source = stages.source->info();
  log.info(fmt::format("From {}, {}x{} at {:.4g} frames a second.", source.name, source.size.width, source.size.height,
                       source.frames_per_second));
  ok = keep(make_compositor(options, source.size, log), stages.compositor).and_then([&] {
    return open_sinks(*plan, options, stages, log);
  });
  if (!ok) return tl::unexpected(ok.error());
  if (plan->camera)
    stages.reopen_source = [plan = *plan, options, shape = Shape{shape.real, source.size}] {
      return open_source(plan, options, shape, true, Log{});
    };
  return stages;
}

}  // namespace viba
