#include "output/loopback_producer.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>

#include "media/open_devices.h"
#include "output/loopback_openers.h"

namespace viba {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

bool opened_for_writing(const fs::path& descriptor) {
  std::ifstream info(descriptor.parent_path().parent_path() / "fdinfo" / descriptor.filename());
  for (std::string key; info >> key; info.ignore(256, '\n')) {
    int flags = 0;
    if (key == "flags:" && info >> std::oct >> flags) return (flags & O_ACCMODE) != O_RDONLY;
  }
  return true;  // it may be
}

/// Those who have the device open and may feed it: most readers map the module's buffers; most
/// producers write. A daemon that does neither holds it for the session.
struct Suspects {
  std::vector<DeviceHolder> writing;  ///< they do not map its buffers, and so can only write
  std::vector<DeviceHolder> mapping;
};

Suspects suspects(const std::string& path) {
  Suspects found;
  struct stat node {};
  if (stat(path.c_str(), &node) != 0) return found;
  for (const DeviceHolder& holder : holders_of(path)) {
    const bool may = std::ranges::any_of(open_devices(holder.pid), [&](const OpenDevice& open) {
      return open.device == node.st_rdev && opened_for_writing(open.descriptor);
    });
    if (!may) continue;
    if (may_map(holder.pid, path))
      found.mapping.push_back(holder);
    else if (!is_session_daemon(holder.name))
      found.writing.push_back(holder);
  }
  return found;
}

/// `viba devices` and `viba doctor`, which only ask.
bool only_asks(pid_t process) {
  std::ifstream words(fmt::format("/proc/{}/cmdline", process), std::ios::binary);
  std::string command;
  std::getline(words, command, '\0');
  std::getline(words, command, '\0');
  return command == "devices" || command == "doctor";
}

/// Another ViBa feeds the device although it may show nothing for a while.
bool is_of_our_kind(const DeviceHolder& holder) {
  std::error_code error;
  const fs::path own = fs::read_symlink("/proc/self/exe", error);
  return !own.empty() && fs::read_symlink(fmt::format("/proc/{}/exe", holder.pid), error) == own &&
         !only_asks(holder.pid);
}

/// When each of the module's buffers was filled last, as producer and module say it. Empty where the
/// module answers only for buffers of our own.
std::vector<std::int64_t> filling_times(const Fd& fd) {
  constexpr unsigned kMostBuffers = 32;
  std::vector<std::int64_t> times;
  for (unsigned i = 0; i < kMostBuffers; ++i) {
    v4l2_buffer buffer{};
    buffer.index = i;
    buffer.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
    buffer.memory = V4L2_MEMORY_MMAP;
    if (retrying_ioctl(fd, VIDIOC_QUERYBUF, &buffer) != 0) break;
    times.push_back(std::int64_t{buffer.timestamp.tv_sec} * 1'000'000 + buffer.timestamp.tv_usec);
  }
  return times;
}

/// Long enough for three pictures at the rate that the device names, within reason, or for one of a
/// slow show of slides if somebody is there who may give it.
milliseconds patience_with(const Fd& fd, bool suspicious) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  constexpr milliseconds kLeast = 250ms;
  constexpr milliseconds kMost = 1100ms;
  if (suspicious) return kMost;
  if (retrying_ioctl(fd, VIDIOC_G_PARM, &parameters) != 0) return kLeast;
  const auto [seconds, frames] = parameters.parm.output.timeperframe;
  return frames == 0 ? kLeast : std::clamp(3000ms * seconds / frames, kLeast, kMost);
}

/// Whether a producer has ever begun: what it set is the format of readers until all have left.
bool was_fed(const Fd& fd) {
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  return retrying_ioctl(fd, VIDIOC_G_FMT, &format) == 0;
}

/// A picture changes one buffer. A reader that sets itself up changes all, one by one; this counts
/// only when it happens again and again, as where there is a single buffer.
bool gets_pictures(const Fd& fd, milliseconds patience) {
  constexpr int kNoReader = 3;
  auto last = filling_times(fd);
  int all_at_once = 0;
  for (const auto end = Clock::now() + patience; Clock::now() < end;) {
    std::this_thread::sleep_for(10ms);
    if (filling_times(fd) == last) continue;
    std::this_thread::sleep_for(2ms);
    auto now = filling_times(fd);
    if (now.size() != last.size()) return false;
    std::size_t same = 0;
    for (std::size_t i = 0; i < now.size(); ++i) same += now[i] == last[i];
    if (same > 0 || ++all_at_once >= kNoReader) return true;
    last = std::move(now);
  }
  return false;
}

}  // namespace

bool is_fed_by_another(const Fd& fd, const V4l2Capability& capability, const std::string& path) {
  if ((capability.flags & V4L2_CAP_VIDEO_CAPTURE) == 0) return false;
  const auto others = openers_of(path);
  if (others && !may_read(*others)) return false;
  if (!was_fed(fd) || filling_times(fd).empty()) return false;
  const auto writing = suspects(path).writing;
  return std::ranges::any_of(writing, is_of_our_kind) || gets_pictures(fd, patience_with(fd, !writing.empty()));
}

std::optional<Error> fed_error(const std::string& path) {
  if (!holder_of(path)) return {};
  const auto [writing, mapping] = suspects(path);
  const auto& producers = writing.empty() ? mapping : writing;
  if (producers.empty()) return busy_error(path, path);
  return Error{ErrorCode::kBusy, fmt::format("{} is in use by {}: close it there first.", path, describe(producers))};
}

}  // namespace viba
