#include "media/v4l2_device.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/videodev2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "media/open_devices.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

std::string group_name(gid_t gid) {
  std::array<char, 4096> memory{};
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(gid, &entry, memory.data(), memory.size(), &found) == 0 && found) return found->gr_name;
  return fmt::format("{}", gid);
}

std::string permission_sentence(const std::string& path) {
  struct stat node {};
  constexpr mode_t kGroupMay = S_IRGRP | S_IWGRP;
  if (stat(path.c_str(), &node) == 0 && node.st_gid != 0 && (node.st_mode & kGroupMay) == kGroupMay) {
    const std::string group = group_name(node.st_gid);
    return fmt::format("{} may only be opened by the group '{}': run `sudo usermod -aG {} $USER` and log in again.",
                       path, group, group);
  }
  return fmt::format(
      "{} may not be opened by this user: give its group the right with "
      "`sudo chgrp video {} && sudo chmod 660 {}`, then `sudo usermod -aG video $USER` and log in again.",
      path, path, path);
}

Error open_error(const std::string& path, int error) {
  switch (error) {
    case EACCES:
    case EPERM: return {ErrorCode::kPermission, permission_sentence(path)};
    case EBUSY: return busy_error(path, path);
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
      return {ErrorCode::kNotFound, fmt::format("There is no device {}: plug it in, or choose one of those that "
                                                "`viba devices` shows.",
                                                path)};
    default:
      return {ErrorCode::kIo,
              fmt::format("{} cannot be opened ({}): unplug it and plug it in again.", path, reason(error))};
  }
}

Error not_a_video_device(const std::string& path) {
  return {ErrorCode::kUnsupported,
          fmt::format("{} is not a video device: choose one of those that `viba devices` shows.", path)};
}

/// The N of /dev/videoN.
std::optional<unsigned> video_number(const fs::path& path) {
  const std::string name = path.filename().string();
  constexpr std::string_view kPrefix = "video";
  if (!name.starts_with(kPrefix) || name.size() == kPrefix.size() || name.size() > kPrefix.size() + 6) return {};
  const auto digits = std::string_view(name).substr(kPrefix.size());
  unsigned number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return {};
    number = number * 10 + unsigned(c - '0');
  }
  return number;
}

std::string process_name(pid_t process) {
  std::string name;
  std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
  return name.empty() ? "a process" : name;
}

/// Every /dev/videoN, by number.
std::vector<std::pair<unsigned, fs::path>> video_nodes() {
  std::vector<std::pair<unsigned, fs::path>> found;
  for (const fs::path& path : entries("/dev"))
    if (const auto number = video_number(path)) found.emplace_back(*number, path);
  std::ranges::sort(found);
  return found;
}

}  // namespace

namespace detail {
int retrying_ioctl(int fd, unsigned long request, void* argument) {
  int result = 0;
  do result = ioctl(fd, request, argument);
  while (result == -1 && errno == EINTR);
  return result;
}
}  // namespace detail

Result<V4l2Capability> query_capability(const Fd& fd, const std::string& path) {
  v4l2_capability answer{};
  if (retrying_ioctl(fd, VIDIOC_QUERYCAP, &answer) != 0) return tl::unexpected(not_a_video_device(path));
  const auto text = [](const auto& bytes) {
    return std::string(std::begin(bytes), std::find(std::begin(bytes), std::end(bytes), 0));
  };
  const bool own = answer.capabilities & V4L2_CAP_DEVICE_CAPS;
  return V4l2Capability{text(answer.card), text(answer.driver), text(answer.bus_info),
                        own ? answer.device_caps : answer.capabilities};
}

V4l2Kind kind_of(const V4l2Capability& capability) {
  if (capability.driver == kLoopbackDriver) return V4l2Kind::kLoopback;
  const bool camera = (capability.flags & V4L2_CAP_VIDEO_CAPTURE) && (capability.flags & V4L2_CAP_STREAMING);
  return camera ? V4l2Kind::kCamera : V4l2Kind::kOther;
}

std::string holder_or_other(const std::string& path) { return holder_of(path).value_or("another program"); }

Error busy_error(const std::string& name, const std::string& path) {
  return {ErrorCode::kBusy, fmt::format("{} is in use by {}: close it there first.", name, holder_or_other(path))};
}

std::string reason(int error) { return std::generic_category().message(error); }

double rate_of(const v4l2_fract& interval) {
  return interval.numerator ? double(interval.denominator) / interval.numerator : 0;
}

std::vector<std::uint32_t> offered_fourccs(const Fd& fd, std::uint32_t type) {
  std::vector<std::uint32_t> fourccs;
  v4l2_fmtdesc answer{};
  answer.type = type;
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FMT, &answer) == 0; ++answer.index)
    fourccs.push_back(answer.pixelformat);
  return fourccs;
}

std::string fourcc_name(std::uint32_t fourcc) {
  std::string name;
  for (int i = 0; i < 4; ++i) {
    const char c = char(fourcc >> (8 * i) & 0x7f);
    if (c > ' ') name += c;
  }
  return name;
}

Result<Fd> open_v4l2(const std::string& path) {
  // Looked at before it is opened: opening a pipe or a tape drive has effects.
  struct stat node {};
  if (stat(path.c_str(), &node) != 0) return tl::unexpected(open_error(path, errno));
  if (!S_ISCHR(node.st_mode)) return tl::unexpected(not_a_video_device(path));
  Fd fd(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return tl::unexpected(open_error(path, errno));
  if (auto capability = query_capability(fd, path); !capability) return tl::unexpected(capability.error());
  return fd;
}

Result<V4l2Node> identify_v4l2(const std::string& path) {
  return open_v4l2(path).and_then([&](const Fd& fd) { return query_capability(fd, path); }).map([&](const auto& told) {
    return V4l2Node{path, told.card, told.driver, told.bus, kind_of(told)};
  });
}

std::vector<V4l2Node> list_v4l2_nodes() {
  std::vector<V4l2Node> nodes;
  for (const auto& [number, path] : video_nodes()) {
    if (auto node = identify_v4l2(path)) nodes.push_back(std::move(*node));
  }
  return nodes;
}

std::optional<std::string> first_denied_v4l2_node() {
  for (const auto& [number, path] : video_nodes())
    if (const auto fd = open_v4l2(path); !fd && fd.error().code == ErrorCode::kPermission) return fd.error().message;
  return {};
}

std::vector<std::string> video_node_paths() {
  std::vector<std::string> paths;
  for (const auto& [number, path] : video_nodes()) paths.push_back(path.string());
  return paths;
}

std::vector<DeviceHolder> holders_of(const std::string& device) {
  struct stat node {};
  if (stat(device.c_str(), &node) != 0 || !S_ISCHR(node.st_mode)) return {};
  std::vector<DeviceHolder> holders;
  for (const pid_t process : other_processes())
    if (std::ranges::count(open_devices(process), node.st_rdev, &OpenDevice::device) > 0)
      holders.push_back({process_name(process), process});
  return holders;
}

std::string describe(const std::vector<DeviceHolder>& holders) {
  std::string text;
  for (const auto& [name, pid] : holders) text += fmt::format("{}{} (pid {})", text.empty() ? "" : ", ", name, pid);
  return text;
}

std::optional<std::string> holder_of(const std::string& device) {
  const auto holders = holders_of(device);
  if (holders.empty()) return {};
  return describe(holders);
}

}  // namespace viba
