#include "pipeline/plan.h"

#include <algorithm>
#include <filesystem>
#include <tuple>

#include <fmt/format.h>

#include <viba/devices.h>

#include "base/data_dirs.h"
#include "capture/camera_finder.h"
#include "capture/pipewire_finder.h"
#include "media/pipewire_node.h"
#include "media/v4l2_device.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// A word that is no file's may be a camera's name. What ends like a file is left to those who open files.
Result<void> plan_named_camera(Plan& plan) {
  std::error_code error;
  const fs::path path(plan.source);
  if (plan.camera || path.has_parent_path() || fs::exists(path, error)) return {};
  const auto camera = find_camera(plan.source);
  if (!camera && camera.error().code == ErrorCode::kNotFound && path.has_extension()) return {};
  return camera.map([&](const std::string& found) {
    plan.source = found;
    plan.camera = true;
  });
}

Result<void> plan_source(const Options& options, const std::vector<V4l2Node>& nodes, const Log& log, Plan& plan) {
  plan.source = options.real_cam_device;
  if (plan.source.empty()) {
    const auto camera = first_camera(nodes);
    // Some laptops' cameras are there through PipeWire only.
    plan.source = camera ? *camera : find_pipewire_camera("") ? "pipewire" : "sample";
    if (plan.source == "sample") log.info("There is no camera here: the bundled sample is shown instead.");
  }
  plan.camera = is_device(plan.source) || parse_pipewire(plan.source);
  if (parse_pipewire(plan.source)) return {};
  std::error_code error;
  if (plan.source != "sample" || (!options.real_cam_device.empty() && fs::is_regular_file("sample", error)))
    return plan_named_camera(plan);
  const auto sample = find_data_file(options, "sample/sample.mp4");
  if (!sample)
    return fail(ErrorCode::kNotFound,
                "The bundled sample is missing from ViBa's data folder; name a file with --real-cam-device FILE.");
  plan.source = *sample;
  return {};
}

/// Of several, one that nobody feeds, that call programs see as a camera, and that has the usual number.
std::optional<std::string> find_loopback(const std::vector<V4l2Node>& nodes) {
  const auto loopbacks = std::ranges::count(nodes, V4l2Kind::kLoopback, &V4l2Node::kind);
  if (loopbacks == 0) return {};
  if (loopbacks == 1) return std::ranges::find(nodes, V4l2Kind::kLoopback, &V4l2Node::kind)->path;
  const auto worth = [](const Device& device) {
    if (!device.loopback) return std::tuple(false, false, false, false);
    const LoopbackState& state = *device.loopback;
    return std::tuple(true, !state.fed && !state.stuck, state.exclusive_caps.value_or(false),
                      device.path == "/dev/video20");
  };
  const auto devices = list_devices();
  const auto best = std::ranges::max_element(devices, {}, worth);
  return best == devices.end() || !best->loopback ? std::nullopt : std::optional(best->path);
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
  plan.sinks_are_named = false;
  if (const auto loopback = find_loopback(nodes)) plan.sinks.push_back(*loopback);
  if (list_pipewire_cameras()) plan.sinks.emplace_back("pipewire");
  if (!plan.sinks.empty() || options.preview) return {};
  if (plan.camera)
    return fail(
        ErrorCode::kNotFound,
        "There is no fake camera to publish to: run `viba doctor`, which says how to make one, or use --preview, "
        "or name a file with --fake-cam-device FILE.mp4.");
  plan.sinks.push_back(default_file(plan));
  log.info(fmt::format("There is neither a v4l2loopback device nor PipeWire here: the result is written to {}.",
                       plan.sinks.back()));
  return {};
}

/// One file by two names is one file.
bool same_file(const std::string& a, const std::string& b) {
  const auto camera = parse_pipewire(a);
  const auto other = parse_pipewire(b);
  const auto name = [](const std::string& given) { return given.empty() ? std::string(kUsualName) : given; };
  if (camera && other) return name(*camera) == name(*other);
  std::error_code error;
  return fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

/// Refuses targets that would destroy the source or one another.
Result<void> check_targets(const Plan& plan) {
  for (auto sink = plan.sinks.begin(); sink != plan.sinks.end(); ++sink) {
    if (*sink == "null") continue;
    if (!parse_pipewire(*sink) && same_file(*sink, plan.source))
      return fail(ErrorCode::kUsage,
                  fmt::format("{} is read and cannot be written at once; name another output.", *sink));
    if (std::any_of(plan.sinks.begin(), sink, [&](const std::string& other) { return same_file(*sink, other); }))
      return fail(ErrorCode::kUsage, fmt::format("{} is named twice as an output; name it once.", *sink));
  }
  return {};
}

}  // namespace

bool is_device(const std::string& path) {
  std::error_code error;
  if (fs::exists(path, error)) return fs::is_character_file(path, error);
  return path.starts_with("/dev/video") || path.starts_with("/dev/v4l/");
}

bool is_watched(const std::string& sink) { return is_device(sink) || parse_pipewire(sink); }

Result<Plan> make_plan(const Options& options, const Log& log) {
  // Listing opens every node; where both ends are named there is nothing to look for.
  const bool looks = options.real_cam_device.empty() || options.fake_cam_devices.empty();
  const auto nodes = looks ? list_v4l2_nodes() : std::vector<V4l2Node>{};
  const bool all_named = !options.real_cam_device.empty() && (!options.fake_cam_devices.empty() || options.preview);
  if (const auto denied = all_named ? std::nullopt : first_denied_v4l2_node()) log.warning(*denied);
  Plan plan;
  return plan_source(options, nodes, log, plan)
      .and_then([&] { return plan_sinks(options, nodes, log, plan); })
      .and_then([&] { return check_targets(plan); })
      .map([&] { return std::move(plan); });
}

}  // namespace viba
