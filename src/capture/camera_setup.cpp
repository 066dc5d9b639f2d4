#include "capture/camera_setup.h"

#include <cmath>

#include <fmt/format.h>

namespace viba {
namespace {

bool same_rate(double a, double b) { return a == 0 || std::abs(a - b) <= 0.02 * b; }

}  // namespace

SourceInfo info_of(const std::string& name, const CameraSetup& setup) {
  return {name, round_to_even(setup.size), setup.frames_per_second, true};
}

bool adjusted(const CameraSetup& setup, const CameraRequest& request) {
  return setup.size != request.size || !same_rate(setup.frames_per_second, request.frames_per_second);
}

std::string describe_setup(const std::string& name, const CameraSetup& setup, const CameraRequest& request) {
  std::string text = fmt::format("{} gives {}x{}", name, setup.size.width, setup.size.height);
  if (setup.frames_per_second > 0) text += fmt::format(" at {:.4g} frames a second", setup.frames_per_second);
  text += fmt::format(" in {}", setup.format->name);
  const Size even = round_to_even(setup.size);
  if (even != setup.size) text += fmt::format(", cut to {}x{}", even.width, even.height);
  if (!adjusted(setup, request)) return text;
  text += "; ";
  if (setup.size != request.size) text += fmt::format("{}x{}", request.size.width, request.size.height);
  if (!same_rate(setup.frames_per_second, request.frames_per_second))
    text +=
        fmt::format("{}{:.4g} frames a second", setup.size != request.size ? " at " : "", request.frames_per_second);
  const bool one = setup.size != request.size;
  return text + (one ? " was asked for" : " were asked for");
}

void log_setup(const Log& log, const std::string& name, const CameraSetup& setup, const CameraRequest& request) {
  log.write(adjusted(setup, request) ? LogLevel::kInfo : LogLevel::kDebug, describe_setup(name, setup, request));
}

Error no_known_format(const std::string& name, const std::string& formats) {
  if (formats.empty())
    return {ErrorCode::kUnsupported, fmt::format("{} offers no picture at all: choose another camera.", name)};
  return {ErrorCode::kUnsupported,
          fmt::format("{} gives pictures only in the formats {}, which ViBa does not read: choose another camera.",
                      name, formats)};
}

}  // namespace viba
