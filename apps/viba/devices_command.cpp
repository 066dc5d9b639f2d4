#include "devices_command.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "wrapped_text.h"

namespace viba::app {
namespace {

using nlohmann::json;

constexpr std::size_t kLabel = 11;  ///< width of the left column
constexpr std::size_t kWidth = 96;

/// "  label    text", whose further lines have no label.
std::string paragraph(std::string_view label, std::string_view text) {
  return fmt::format("  {:<{}}{}\n", label, kLabel, wrapped(text, kWidth, kLabel + 2, kLabel + 2));
}

std::string size_text(Size size) { return fmt::format("{}x{}", size.width, size.height); }

std::string sizes_text(const DeviceSizes& sizes) {
  if (sizes.least == sizes.most) return size_text(sizes.most);
  std::string text = fmt::format("{} to {}", size_text(sizes.least), size_text(sizes.most));
  if (sizes.step.width > 1 || sizes.step.height > 1) text += fmt::format(" in steps of {}", size_text(sizes.step));
  return text;
}

std::string rates_text(const DeviceSizes& sizes) {
  if (sizes.rates.empty()) return "";
  if (sizes.rate_range) return fmt::format(" at {:.4g} to {:.4g} a second", sizes.rates.back(), sizes.rates.front());
  std::vector<std::string> rates;
  for (const double rate : sizes.rates) rates.push_back(fmt::format("{:.4g}", rate));
  return fmt::format(" at {} a second", fmt::join(rates, " "));
}

bool same_rates(const DeviceSizes& a, const DeviceSizes& b) {
  return a.rates == b.rates && a.rate_range == b.rate_range;
}

bool same_sizes(const DeviceFormat& a, const DeviceFormat& b) {
  return std::ranges::equal(a.sizes, b.sizes, [](const DeviceSizes& one, const DeviceSizes& other) {
    return one.least == other.least && one.most == other.most && one.step == other.step && same_rates(one, other);
  });
}

/// Sizes that have the same rates share a line.
std::string sizes_for_people(std::string_view label, const std::vector<DeviceSizes>& all) {
  std::string out;
  for (auto from = all.begin(); from != all.end();) {
    const auto to = std::find_if(from, all.end(), [&](const DeviceSizes& sizes) { return !same_rates(sizes, *from); });
    std::vector<std::string> sizes;
    for (auto it = from; it != to; ++it) sizes.push_back(sizes_text(*it));
    out += paragraph(label, fmt::format("{}{}", fmt::join(sizes, ", "), rates_text(*from)));
    label = "";
    from = to;
  }
  return out.empty() ? paragraph(label, "any size; it does not tell which") : out;
}

/// Formats that come in the same sizes share a heading; those that ViBa does not read are only counted.
std::string formats_for_people(const Device& device) {
  std::vector<const DeviceFormat*> usable;
  for (const auto& format : device.formats)
    if (format.usable || device.kind == DeviceKind::kLoopback) usable.push_back(&format);
  std::string out;
  for (auto from = usable.begin(); from != usable.end();) {
    const auto to =
        std::find_if(from, usable.end(), [&](const DeviceFormat* format) { return !same_sizes(*format, **from); });
    std::vector<std::string> codes;
    for (auto it = from; it != to; ++it) codes.push_back((*it)->code);
    const bool one = codes.size() == 1;
    if (!one) out += paragraph("formats", fmt::format("{}", fmt::join(codes, " ")));
    out += sizes_for_people(one ? codes.front() : "", (*from)->sizes);
    from = to;
  }
  const auto others = device.formats.size() - usable.size();
  if (others == 0) return out;
  return out + paragraph("", (fmt::format("{}{} format{} that ViBa does not read", usable.empty() ? "" : "and ", others,
                                          others == 1 ? "" : "s")));
}

std::string loopback_for_people(const Device& device) {
  const LoopbackState& state = *device.loopback;
  const std::string version = state.module_version.empty() ? "before 0.13" : state.module_version;
  const std::string caps = !state.exclusive_caps   ? ""
                           : *state.exclusive_caps ? ", exclusive_caps=1"
                                                   : ", exclusive_caps=0";
  std::string out = paragraph("module", fmt::format("v4l2loopback {}{}", version, caps));
  if (state.stuck) return out + paragraph("stuck", "other programs can use it no more; ViBa mends it when it starts");
  if (!state.format) return out + paragraph("pictures", ("nothing feeds it"));
  std::string now = fmt::format("{} {}", state.format->code, size_text(state.format->size));
  if (state.format->rate > 0) now += fmt::format(" at {:.4g} a second", state.format->rate);
  return out + paragraph("pictures", now);
}

/// Of an idle loopback, which takes some forty formats in any size, only how many.
std::string offer_for_people(const Device& device) {
  if (device.kind != DeviceKind::kLoopback) return formats_for_people(device);
  if (device.loopback->fed || device.formats.empty()) return "";
  std::string text = fmt::format("{} format{}", device.formats.size(), device.formats.size() == 1 ? "" : "s");
  if (const auto& sizes = device.formats.front().sizes; !sizes.empty()) text += ", " + sizes_text(sizes.front());
  return paragraph("takes", text);
}

std::string holders_text(const std::vector<DeviceHolder>& holders) {
  std::vector<std::string> each;
  each.reserve(holders.size());
  for (const auto& [name, pid] : holders) each.push_back(fmt::format("{} (pid {})", name, pid));
  return fmt::format("{}", fmt::join(each, ", "));
}

std::string kind_text(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::kCamera: return "camera";
    case DeviceKind::kLoopback: return "fake camera";
    case DeviceKind::kUnknown: break;
  }
  return "cannot be opened";
}

std::string device_for_people(const Device& device) {
  std::string out = fmt::format("{}  {}  {}\n", device.path, device.name, kind_text(device.kind));
  if (!device.unreadable.empty()) out += paragraph("why", device.unreadable);
  if (!device.id_link.empty()) out += paragraph("link", device.id_link);
  if (!device.driver.empty() && !device.loopback)
    out += paragraph("driver", fmt::format("{}, {}", device.driver, device.bus));
  if (device.loopback) out += loopback_for_people(device);
  if (!device.holders.empty()) out += paragraph("in use by", holders_text(device.holders));
  return out + offer_for_people(device);
}

json as_json(Size size) { return {{"width", size.width}, {"height", size.height}}; }

json as_json(const DeviceSizes& sizes) {
  json out = sizes.least == sizes.most
                 ? as_json(sizes.most)
                 : json{{"least", as_json(sizes.least)}, {"most", as_json(sizes.most)}, {"step", as_json(sizes.step)}};
  if (sizes.rate_range)
    out["rates"] = {{"least", sizes.rates.back()}, {"most", sizes.rates.front()}};
  else
    out["rates"] = sizes.rates;
  return out;
}

json as_json(const DeviceFormat& format) {
  json sizes = json::array();
  for (const auto& each : format.sizes) sizes.push_back(as_json(each));
  return {{"code", format.code},
          {"description", format.description},
          {"usable", format.usable},
          {"sizes", std::move(sizes)}};
}

json as_json(const LoopbackState& state) {
  json format;
  if (state.format) {
    format = as_json(state.format->size);
    format["code"] = state.format->code;
    format["rate"] = state.format->rate > 0 ? json(state.format->rate) : json();
  }
  return {{"module_version", state.module_version.empty() ? json() : json(state.module_version)},
          {"fed", state.fed},
          {"stuck", state.stuck},
          {"exclusive_caps", state.exclusive_caps ? json(*state.exclusive_caps) : json()},
          {"format", std::move(format)}};
}

json as_json(const Device& device) {
  constexpr auto name_of = [](DeviceKind kind) {
    return kind == DeviceKind::kCamera ? "camera" : kind == DeviceKind::kLoopback ? "loopback" : "unknown";
  };
  const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
  json formats = json::array();
  for (const auto& format : device.formats) formats.push_back(as_json(format));
  json holders = json::array();
  for (const auto& [name, pid] : device.holders) holders.push_back({{"name", name}, {"pid", pid}});
  return {{"kind", name_of(device.kind)},
          {"path", device.path},
          {"name", device.name},
          {"id_link", or_null(device.id_link)},
          {"driver", or_null(device.driver)},
          {"bus", or_null(device.bus)},
          {"formats", std::move(formats)},
          {"holders", std::move(holders)},
          {"loopback", device.loopback ? as_json(*device.loopback) : json()},
          {"unreadable", or_null(device.unreadable)}};
}

std::string camera_for_people(const SessionCamera& camera) {
  std::string out = fmt::format("pipewire:{}  {}  {}\n", camera.serial, camera.description,
                                camera.published_by_viba ? "published by ViBa" : "camera");
  if (!camera.device.empty()) out += paragraph("device", camera.device);
  return out + paragraph("node", camera.name);
}

json as_json(const SessionCamera& camera) {
  return {{"serial", camera.serial},
          {"name", camera.name},
          {"description", camera.description},
          {"device", camera.device.empty() ? json() : json(camera.device)},
          {"published_by_viba", camera.published_by_viba}};
}

json as_json(const SessionCameras& session) {
  json cameras = json::array();
  if (session)
    for (const auto& camera : *session) cameras.push_back(as_json(camera));
  return {{"cameras", std::move(cameras)}, {"unreachable", session ? json() : json(session.error().message)}};
}

}  // namespace

std::string devices_for_people(std::span<const Device> devices, const SessionCameras& session) {
  std::vector<std::string> paragraphs;
  for (const auto& device : devices) paragraphs.push_back(device_for_people(device));
  if (session)
    for (const auto& camera : *session) paragraphs.push_back(camera_for_people(camera));
  if (paragraphs.empty())
    return "There is no camera and no fake camera on this machine. Plug a camera in; viba doctor says how to make a "
           "fake one.\n";
  return fmt::format("{}", fmt::join(paragraphs, "\n"));
}

std::string devices_as_json(std::span<const Device> devices, const SessionCameras& session) {
  json all = json::array();
  for (const auto& device : devices) all.push_back(as_json(device));
  // Names come from drivers and processes, which may hold any bytes.
  return json{{"devices", std::move(all)}, {"pipewire", as_json(session)}}.dump(2, ' ', false,
                                                                                json::error_handler_t::replace) +
         '\n';
}

void print_devices(const CommandLine& line) {
  const auto devices = list_devices();
  const auto session = list_session_cameras();
  fmt::print("{}", line.json ? devices_as_json(devices, session) : devices_for_people(devices, session));
  if (!line.json && !session) fmt::print("\n{}\n", session.error().message);
}

}  // namespace viba::app
