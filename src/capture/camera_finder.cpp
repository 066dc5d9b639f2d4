#include "capture/camera_finder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/videodev2.h>

#include "media/camera_formats.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool contains(const std::string& text, const std::string& part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// Infrared cameras for face recognition give gray pictures only.
bool shows_colors(const std::string& path) {
  const auto fd = open_v4l2(path);
  if (!fd) return false;
  return std::ranges::any_of(offered_fourccs(*fd, V4L2_BUF_TYPE_VIDEO_CAPTURE), [](std::uint32_t fourcc) {
    const auto* format = find_camera_format(fourcc);
    return format && format->kind != PixelKind::kGray;
  });
}

bool is_camera(const V4l2Node& node) { return node.kind == V4l2Kind::kCamera; }

std::string names_of(const std::vector<V4l2Node>& cameras) {
  std::vector<std::string> names;
  names.reserve(cameras.size());
  for (const auto& camera : cameras) names.push_back(fmt::format("{} ({})", camera.name, camera.path));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// All nodes of a camera have its name and place.
bool are_one(const std::vector<V4l2Node>& nodes) {
  return std::ranges::all_of(
      nodes, [&](const V4l2Node& node) { return node.name == nodes.front().name && node.bus == nodes.front().bus; });
}

Result<std::string> find_by_name(const std::string& part) {
  auto cameras = list_v4l2_nodes();
  std::erase_if(cameras, std::not_fn(is_camera));
  auto called = cameras;
  std::erase_if(called, [&](const V4l2Node& camera) { return !contains(camera.name, part); });
  if (std::ranges::find(called, part, &V4l2Node::name) != called.end())
    std::erase_if(called, [&](const V4l2Node& camera) { return camera.name != part; });
  if (called.empty())
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no camera and no file called '{}'; {}.", part,
                            cameras.empty() ? "plug one in, or name a file" : "there are " + names_of(cameras)));
  if (are_one(called)) return *first_camera(called);
  return fail(ErrorCode::kUsage, fmt::format("'{}' may mean {} cameras: {}; name one by its path.", part, called.size(),
                                             names_of(called)));
}

/// The kernel's own name for what is behind a node, which can be read without opening it.
std::string kernel_name(const std::string& path) {
  std::error_code error;
  const fs::path node = fs::canonical(path, error);
  std::string name;
  std::getline(std::ifstream("/sys/class/video4linux" / node.filename() / "name"), name);
  return name;
}

}  // namespace

Result<std::string> find_camera(const std::string& where) {
  if (where.find('/') != std::string::npos) return where;
  const fs::path by_id = fs::path("/dev/v4l/by-id") / where;
  std::error_code error;
  if (fs::exists(by_id, error)) return by_id.string();
  return find_by_name(where);
}

std::optional<std::string> first_camera(const std::vector<V4l2Node>& nodes) {
  const auto colorful = [](const V4l2Node& node) { return is_camera(node) && shows_colors(node.path); };
  auto best = std::ranges::find_if(nodes, colorful);
  if (best == nodes.end()) best = std::ranges::find_if(nodes, is_camera);
  return best == nodes.end() ? std::nullopt : std::optional(best->path);
}

Result<KnownCamera> KnownCamera::at(const std::string& path) {
  KnownCamera known;
  auto node = identify_v4l2(path);
  if (!node && node.error().code != ErrorCode::kBusy) return tl::unexpected(node.error());
  if (!node) node = V4l2Node{.path = path, .name = path, .driver = {}, .bus = {}};
  known.node_ = *node;
  known.kernel_name_ = kernel_name(path);
  for (const auto& other : list_v4l2_nodes())
    if (other.name == node->name && other.bus != node->bus) known.others_.push_back(other.bus);
  return known;
}

bool KnownCamera::is_it(const V4l2Node& node) const {
  return node.name == node_.name && node.kind == node_.kind && std::ranges::find(others_, node.bus) == others_.end();
}

std::optional<std::string> KnownCamera::find() const {
  if (const auto old = identify_v4l2(node_.path); old && is_it(*old)) return node_.path;
  if (node_.kind != V4l2Kind::kCamera || node_.path.starts_with("/dev/v4l/")) return {};
  std::vector<V4l2Node> found;
  for (const auto& path : video_node_paths()) {
    if (kernel_name(path) != kernel_name_) continue;
    if (auto node = identify_v4l2(path); node && is_it(*node)) found.push_back(std::move(*node));
  }
  const auto elsewhere = [&](const V4l2Node& node) { return node.bus != node_.bus; };
  if (!std::ranges::all_of(found, elsewhere)) std::erase_if(found, elsewhere);
  return first_camera(found);
}

}  // namespace viba
