#include "capture/camera_finder.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace viba {
namespace {

namespace fs = std::filesystem;

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

bool contains(const std::string& text, const std::string& part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

std::vector<V4l2Node> list_cameras() {
  auto nodes = list_v4l2_nodes();
  std::erase_if(nodes, [](const V4l2Node& node) { return node.kind != V4l2Kind::kCamera; });
  return nodes;
}

std::string names_of(const std::vector<V4l2Node>& cameras) {
  std::vector<std::string> names;
  names.reserve(cameras.size());
  for (const auto& camera : cameras) names.push_back(fmt::format("{} ({})", camera.name, camera.path));
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<std::string> find_by_name(const std::string& part) {
  auto cameras = list_cameras();
  std::vector<V4l2Node> called;
  std::ranges::copy_if(cameras, std::back_inserter(called),
                       [&](const V4l2Node& camera) { return contains(camera.name, part); });
  const auto exact = std::ranges::find(called, part, &V4l2Node::name);
  if (exact != called.end()) return exact->path;
  if (called.size() == 1) return called.front().path;
  if (called.size() > 1)
    return fail(ErrorCode::kUsage, fmt::format("'{}' is a part of the names of {} cameras: {}; name one by its path.",
                                               part, called.size(), names_of(called)));
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no camera and no file called '{}'; {}.", part,
                          cameras.empty() ? "plug one in, or name a file" : "there are " + names_of(cameras)));
}

}  // namespace

Result<std::string> find_camera(const std::string& where) {
  if (where.find('/') != std::string::npos) return where;
  const fs::path by_id = fs::path("/dev/v4l/by-id") / where;
  std::error_code error;
  if (fs::exists(by_id, error)) return by_id.string();
  return find_by_name(where);
}

std::optional<std::string> find_again(const V4l2Node& known) {
  const auto is_it = [&](const V4l2Node& node) { return node.name == known.name && node.kind == known.kind; };
  if (const auto old = identify_v4l2(known.path); old && is_it(*old)) return known.path;
  if (known.kind != V4l2Kind::kCamera) return {};
  auto nodes = list_v4l2_nodes(V4l2Listing::kHardware);
  std::erase_if(nodes, [&](const V4l2Node& node) { return !is_it(node); });
  if (nodes.empty()) return {};
  const auto same_place = std::ranges::find(nodes, known.bus, &V4l2Node::bus);
  return same_place == nodes.end() ? nodes.front().path : same_place->path;
}

}  // namespace viba
