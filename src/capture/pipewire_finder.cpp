#include "capture/pipewire_finder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "media/open_devices.h"
#include "media/v4l2_device.h"

namespace viba {
namespace {

using Nodes = std::vector<PipewireNode>;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool same_letter(char a, char b) { return lower(a) == lower(b); }

bool contains(const std::string& text, const std::string& part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) != text.end();
}

bool equals(const std::string& text, const std::string& other) { return std::ranges::equal(text, other, same_letter); }

bool is_camera(const PipewireNode& node) { return is_video_source(node) && !is_published_by_viba(node); }

template <class Wanted>
Nodes those(const Nodes& nodes, Wanted&& wanted) {
  Nodes found;
  std::ranges::copy_if(nodes, std::back_inserter(found), std::forward<Wanted>(wanted));
  return found;
}

enum class Origin { kReal, kUntold, kFake };

Origin origin_of(const PipewireNode& node) {
  const std::string path = v4l2_path(node);
  if (path.empty()) return Origin::kReal;
  const auto device = identify_v4l2(path);
  if (!device) return Origin::kUntold;
  return device->kind == V4l2Kind::kLoopback ? Origin::kFake : Origin::kReal;
}

/// Those that are known to be real, else those that may be.
Nodes likely_real(const Nodes& cameras) {
  std::map<Origin, Nodes> by_origin;
  for (const auto& camera : cameras) by_origin[origin_of(camera)].push_back(camera);
  return by_origin[by_origin[Origin::kReal].empty() ? Origin::kUntold : Origin::kReal];
}

/// The first way in which some have that name counts.
Nodes called(const Nodes& nodes, const std::string& which) {
  const auto has_serial = [&](const PipewireNode& node) { return node.serial == which; };
  const auto has_name = [&](const PipewireNode& node) { return node.name == which; };
  const auto is_described = [&](const PipewireNode& node) { return equals(node.description, which); };
  const auto has_part = [&](const PipewireNode& node) { return contains(node.description, which); };
  auto found = those(nodes, has_serial);
  if (found.empty()) found = those(nodes, has_name);
  if (found.empty()) found = those(nodes, is_described);
  if (found.empty()) found = those(nodes, has_part);
  return found;
}

std::string names_of(const Nodes& nodes) {
  std::vector<std::string> names;
  for (const auto& node : nodes) names.push_back(name_of(node));
  return fmt::format("{}", fmt::join(names, ", "));
}

Error not_found(const std::string& which, const Nodes& cameras) {
  if (cameras.empty())
    return {ErrorCode::kNotFound, "PipeWire has no camera: plug one in, or name a device or a file."};
  if (which.empty())
    return {ErrorCode::kNotFound,
            fmt::format("PipeWire has only fake cameras: plug in a real one, or name one of {}.", names_of(cameras))};
  return {ErrorCode::kNotFound,
          fmt::format("PipeWire has no camera called '{}'; there are {}.", which, names_of(cameras))};
}

Error published(const std::string& which) {
  return {ErrorCode::kUsage,
          fmt::format("'{}' is what ViBa itself publishes in PipeWire: choose a real camera.", which)};
}

/// Also this very process.
bool is_viba(pid_t process, const std::string& name) { return process == getpid() || name == "viba"; }

}  // namespace

std::string name_of(const PipewireNode& node) {
  return fmt::format("{} (PipeWire {})", node.description.empty() ? node.name : node.description, node.serial);
}

Result<std::vector<PipewireNode>> cameras_called(const std::string& which, const PipewireNodes& nodes) {
  Nodes sources;
  for (const auto& [id, node] : nodes)
    if (is_video_source(node)) sources.push_back(node);
  const Nodes cameras = those(sources, is_camera);
  Nodes found = which.empty() ? likely_real(cameras) : called(cameras, which);
  if (!found.empty()) return found;
  if (!which.empty() && !called(sources, which).empty()) return tl::unexpected(published(which));
  return tl::unexpected(not_found(which, cameras));
}

Result<PipewireNode> camera_called(const std::string& which, const PipewireNodes& nodes) {
  return cameras_called(which, nodes).and_then([&](const Nodes& found) -> Result<PipewireNode> {
    if (which.empty() || found.size() == 1) return found.front();
    return fail(ErrorCode::kUsage, fmt::format("'{}' may mean {} cameras: {}; name one by its number.", which,
                                               found.size(), names_of(found)));
  });
}

Result<PipewireNode> find_pipewire_camera(const std::string& which) {
  return list_pipewire_cameras().and_then([&](const Nodes& cameras) {
    PipewireNodes nodes;
    for (const auto& camera : cameras) nodes[camera.id] = camera;
    return camera_called(which, nodes);
  });
}

bool is_fed_by_viba(const PipewireNode& node) {
  const std::string path = v4l2_path(node);
  struct stat file {};
  if (origin_of(node) != Origin::kFake || stat(path.c_str(), &file) != 0) return false;
  const auto opens = [&](const OpenDevice& open) { return open.device == file.st_rdev; };
  if (std::ranges::any_of(open_devices(getpid()), opens)) return true;
  return std::ranges::any_of(holders_of(path),
                             [](const DeviceHolder& holder) { return is_viba(holder.pid, holder.name); });
}

KnownPipewireCamera::KnownPipewireCamera(PipewireNode node, const PipewireNodes& nodes) : node_(std::move(node)) {
  for (const auto& [id, other] : nodes)
    if (is_camera(other) && other.serial != node_.serial &&
        (other.name == node_.name || other.description == node_.description))
      others_.push_back(other);
}

std::optional<PipewireNode> KnownPipewireCamera::find(const PipewireNodes& nodes) const {
  const auto same_name = [](const PipewireNode& a, const PipewireNode& b) { return a.name == b.name; };
  const auto was_there = [&](const PipewireNode& node) {
    return std::ranges::any_of(others_, [&](const PipewireNode& other) {
      // Where names tell two cameras apart, a serial number may have become another's in a new session.
      return same_name(other, node) && (!same_name(other, node_) || other.serial == node.serial);
    });
  };
  Nodes named;
  Nodes alike;
  for (const auto& [id, node] : nodes) {
    if (!is_camera(node) || was_there(node)) continue;
    if (node.name == node_.name) named.push_back(node);
    if (node.description == node_.description && !node.description.empty()) alike.push_back(node);
  }
  if (const auto same = std::ranges::find(named, node_.serial, &PipewireNode::serial);
      same != named.end() && same->description == node_.description)
    return *same;
  const Nodes& found = named.empty() ? alike : named;
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

}  // namespace viba
