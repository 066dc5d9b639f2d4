#include <viba/devices.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <linux/videodev2.h>

#include "media/pipewire_node.h"
#include "media/v4l2_ioctl.h"
#include "media/v4l2_offer.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

std::string first_line(const fs::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

/// What sysfs keeps of a node; it can be read without opening the node itself.
fs::path facts_of(const std::string& path) { return fs::path("/sys/class/video4linux") / fs::path(path).filename(); }

std::string id_link_of(const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator it("/dev/v4l/by-id", error), end; !error && it != end; it.increment(error)) {
    std::error_code dangling;
    if (fs::equivalent(it->path(), path, dangling) && !dangling) return it->path();
  }
  return {};
}

/// The module writes it as "YUYV:640x360@30" or "…@30000/1001", and while nothing feeds the node it is empty.
std::optional<LoopbackFormat> parse_loopback_format(const std::string& line) {
  LoopbackFormat format;
  const auto colon = line.find(':');
  if (colon == std::string::npos) return {};
  format.code = line.substr(0, colon);
  unsigned numerator = 0, denominator = 1;
  const int read = std::sscanf(line.c_str() + colon, ":%dx%d@%u/%u", &format.size.width, &format.size.height,
                               &numerator, &denominator);
  if (read < 2) return {};
  if (read >= 3 && denominator > 0) format.rate = double(numerator) / denominator;
  return format;
}

double told_rate(const Fd& fd) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (retrying_ioctl(fd, VIDIOC_G_PARM, &parameters) != 0) return 0;
  return rate_of(parameters.parm.capture.timeperframe);
}

/// The module's control keep_format, whose number is the same in all versions.
bool keeps_format(const Fd& fd) {
  v4l2_control control{};
  control.id = V4L2_CID_USER_BASE | 0xf000;
  return retrying_ioctl(fd, VIDIOC_G_CTRL, &control) == 0 && control.value != 0;
}

LoopbackState loopback_state(const Fd& fd, const Device& device, std::uint32_t flags) {
  const std::string& path = device.path;
  constexpr auto kBoth = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OUTPUT;
  const std::string state = first_line(facts_of(path) / "state");  // 0.13 and later
  LoopbackState loopback;
  loopback.module_version = first_line("/sys/module/v4l2loopback/version");
  loopback.format = parse_loopback_format(first_line(facts_of(path) / "format"));
  const bool kept = keeps_format(fd);
  // 0.15 goes on telling the format of a producer that is gone while somebody reads. Held to a format, a node tells
  // it, and 0.15 even that it is a camera, whether it is fed or not.
  if (state == "output" || (kept && device.holders.empty())) loopback.format.reset();
  loopback.fed = loopback.format.has_value();
  loopback.stuck = (flags & kBoth) == 0;
  loopback.exclusive_caps = (flags & kBoth) != kBoth;
  // 0.13 shows both directions of every node that is held to a format and was fed once.
  if (kept && !*loopback.exclusive_caps && loopback.module_version.starts_with("0.13")) loopback.exclusive_caps.reset();
  if (loopback.format) loopback.format->rate = told_rate(fd);
  return loopback;
}

void ask(const Fd& fd, const V4l2Capability& capability, Device& device) {
  device.name = capability.card;
  device.driver = capability.driver;
  device.bus = capability.bus;
  const bool loopback = kind_of(capability) == V4l2Kind::kLoopback;
  device.kind = loopback ? DeviceKind::kLoopback : DeviceKind::kCamera;
  if (loopback) device.loopback = loopback_state(fd, device, capability.flags);
  const bool gives = loopback ? device.loopback->fed : true;
  device.formats = offered_formats(fd, gives ? V4L2_BUF_TYPE_VIDEO_CAPTURE : V4L2_BUF_TYPE_VIDEO_OUTPUT);
}

/// Nothing for nodes that are neither camera nor loopback: outputs, metadata, tuners.
std::optional<Device> look_at(const std::string& path) {
  Device device;
  device.path = path;
  // Before it is opened, because all of /proc is read: the module counts who opens a loopback for long as a reader.
  device.id_link = id_link_of(path);
  device.holders = holders_of(path);
  const auto fd = open_v4l2(path);
  const auto capability = fd ? query_capability(*fd, path) : Result<V4l2Capability>(tl::unexpect, fd.error());
  if (capability) {
    if (kind_of(*capability) == V4l2Kind::kOther) return {};
    ask(*fd, *capability, device);
  } else {
    device.name = first_line(facts_of(path) / "name");
    device.unreadable = capability.error().message;
  }
  return device;
}

}  // namespace

std::vector<Device> list_devices() {
  std::vector<Device> devices;
  for (const auto& path : video_node_paths())
    if (auto device = look_at(path)) devices.push_back(std::move(*device));
  return devices;
}

Result<std::vector<SessionCamera>> list_session_cameras() {
  return list_pipewire_cameras().map([](const std::vector<PipewireNode>& nodes) {
    std::vector<SessionCamera> cameras;
    cameras.reserve(nodes.size());
    for (const auto& node : nodes)
      cameras.push_back({node.serial, node.name, node.description, v4l2_path(node), is_published_by_viba(node)});
    return cameras;
  });
}

}  // namespace viba
