#include "doctor/loopback_control.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <fmt/format.h>

#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

constexpr const char* kControl = "/dev/v4l2loopback";

/// What the module takes with its order to add a device, from 0.13 on. 0 leaves a value to the module.
struct LoopbackWish {
  std::int32_t output_number = -1;
  std::int32_t capture_number = -1;
  std::array<char, 32> label{};
  std::uint32_t least_width = 0, most_width = 0, least_height = 0, most_height = 0;
  std::int32_t buffers = 0;
  std::int32_t openers = 0;
  std::int32_t debug_level = 0;
  std::int32_t shows_both_directions = 0;  ///< the opposite of exclusive_caps
};
static_assert(sizeof(LoopbackWish) == 72);

constexpr unsigned long kAdd = _IOW('~', 1, LoopbackWish);
constexpr unsigned long kAddBefore015 = 0x4c80;

/// Versions that do not know the newer order refuse it as such, and take the older one.
int add(const Fd& control, LoopbackWish& wish) {
  const int added = retrying_ioctl(control, kAdd, &wish);
  if (added >= 0 || (errno != ENOSYS && errno != ENOTTY)) return added;
  return retrying_ioctl(control, kAddBefore015, &wish);
}

Error refused(int number, int error) {
  switch (error) {
    case EACCES:
    case EPERM:
      return {ErrorCode::kPermission, fmt::format("{} may only be used with the administrator's rights.", kControl)};
    case ENOENT:
    case ENODEV:
    case ENXIO:
      return {ErrorCode::kNotFound,
              fmt::format("There is no {}: v4l2loopback 0.13 or later has to be loaded for that.", kControl)};
    case EEXIST:
    case ENFILE: return {ErrorCode::kBusy, fmt::format("There is a /dev/video{} already: remove it first.", number)};
    default:
      return {ErrorCode::kIo,
              fmt::format("v4l2loopback does not add /dev/video{} ({}): load the module anew.", number, reason(error))};
  }
}

}  // namespace

Result<void> add_loopback_device(int number, const std::string& label) {
  const Fd control(open(kControl, O_RDWR | O_CLOEXEC));
  if (control.get() < 0) return tl::unexpected(refused(number, errno));
  LoopbackWish wish;
  wish.output_number = wish.capture_number = number;
  std::copy_n(label.data(), std::min(label.size(), wish.label.size() - 1), wish.label.data());
  if (add(control, wish) < 0) return tl::unexpected(refused(number, errno));
  return {};
}

}  // namespace viba
