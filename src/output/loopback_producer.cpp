#include "output/loopback_producer.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <linux/videodev2.h>

#include "output/loopback_openers.h"

namespace viba {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

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

/// Long enough for three pictures at the rate that the device names, within reason.
Clock::duration patience_with(const Fd& fd) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  constexpr auto kLeast = 250ms;
  constexpr auto kMost = 1100ms;
  if (retrying_ioctl(fd, VIDIOC_G_PARM, &parameters) != 0) return kLeast;
  const auto [seconds, frames] = parameters.parm.output.timeperframe;
  if (frames == 0) return kLeast;
  return std::clamp(3000ms * seconds / frames, std::chrono::milliseconds{kLeast}, std::chrono::milliseconds{kMost});
}

/// Two pictures are waited for, because a reader that sets itself up changes all buffers once.
bool gets_pictures(const Fd& fd) {
  auto last = filling_times(fd);
  if (last.empty()) return false;
  int changes = 0;
  for (const auto end = Clock::now() + patience_with(fd); changes < 2 && Clock::now() < end;) {
    std::this_thread::sleep_for(10ms);
    auto now = filling_times(fd);
    if (std::exchange(last, now) != now) changes++;
  }
  return changes >= 2;
}

}  // namespace

bool is_fed_by_another(const Fd& fd, const V4l2Capability& capability, const std::string& path) {
  if ((capability.flags & V4L2_CAP_VIDEO_CAPTURE) == 0) return false;
  const auto others = is_open_elsewhere(path);
  return (!others || *others) && gets_pictures(fd);
}

std::optional<Error> fed_error(const std::string& path) {
  if (!holder_of(path)) return {};
  return busy_error(path, path);
}

}  // namespace viba
