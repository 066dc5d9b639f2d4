#include "capture/v4l2_modes.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/videodev2.h>

#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

Size to_size(unsigned width, unsigned height) { return {static_cast<int>(width), static_cast<int>(height)}; }

double highest_rate(const Fd& fd, std::uint32_t fourcc, Size size) {
  double highest = 0;
  v4l2_frmivalenum answer{};
  answer.pixel_format = fourcc;
  answer.width = unsigned(size.width);
  answer.height = unsigned(size.height);
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &answer) == 0;
       ++answer.index) {
    const bool discrete = answer.type == V4L2_FRMIVAL_TYPE_DISCRETE;
    highest = std::max(highest, rate_of(discrete ? answer.discrete : answer.stepwise.min));
    if (!discrete) break;
  }
  return highest;
}

void add_modes_of_format(const Fd& fd, std::uint32_t fourcc, Size wish, std::vector<CameraMode>& modes) {
  v4l2_frmsizeenum answer{};
  answer.pixel_format = fourcc;
  std::vector<Size> sizes;
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &answer) == 0; ++answer.index) {
    if (answer.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
      sizes.push_back(to_size(answer.discrete.width, answer.discrete.height));
      continue;
    }
    const auto& range = answer.stepwise;
    sizes.push_back(nearest_in({to_size(range.min_width, range.min_height), to_size(range.max_width, range.max_height),
                                to_size(range.step_width, range.step_height)},
                               wish));
    break;
  }
  if (sizes.empty()) sizes.push_back(wish);  // the driver does not tell: it will adjust what it is given
  for (const Size size : sizes) modes.push_back({fourcc, size, highest_rate(fd, fourcc, size)});
}

struct Offer {
  std::vector<CameraMode> modes;
  std::set<std::string> unknown_formats;
};

Offer offered(const Fd& fd, Size wish) {
  Offer offer;
  for (const auto fourcc : offered_fourccs(fd, V4L2_BUF_TYPE_VIDEO_CAPTURE)) {
    if (find_camera_format(fourcc))
      add_modes_of_format(fd, fourcc, wish, offer.modes);
    else
      offer.unknown_formats.insert(fourcc_name(fourcc));
  }
  return offer;
}

Result<v4l2_pix_format> set_format(const Fd& fd, const std::string& name, const std::string& path,
                                   const CameraMode& mode) {
  v4l2_format format{};
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format.fmt.pix.pixelformat = mode.fourcc;
  format.fmt.pix.width = unsigned(mode.size.width);
  format.fmt.pix.height = unsigned(mode.size.height);
  format.fmt.pix.field = V4L2_FIELD_NONE;
  if (retrying_ioctl(fd, VIDIOC_S_FMT, &format) != 0) return tl::unexpected(camera_error(name, path, errno));
  return format.fmt.pix;
}

/// Cameras that cannot be asked give the rate they like: 0.
double set_rate(const Fd& fd, double frames_per_second) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  const auto per_1000_s = static_cast<unsigned>(std::lround(1000 * frames_per_second));
  const unsigned common = std::gcd(1000U, per_1000_s);
  parameters.parm.capture.timeperframe = {1000 / common, per_1000_s / common};
  if (retrying_ioctl(fd, VIDIOC_S_PARM, &parameters) != 0) {
    parameters = {};
    parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (retrying_ioctl(fd, VIDIOC_G_PARM, &parameters) != 0) return 0;
  }
  return rate_of(parameters.parm.capture.timeperframe);
}

}  // namespace

Error camera_error(const std::string& name, const std::string& path, int error) {
  switch (error) {
    case EBUSY: return busy_error(name, path);
    case ENODEV: return {ErrorCode::kIo, fmt::format("{} was unplugged or has failed: plug it in again.", name)};
    default:
      return {ErrorCode::kIo, fmt::format("{} does not do what it is asked ({}): unplug it and plug it in again.", name,
                                          reason(error))};
  }
}

Result<CameraSetup> set_up_camera(const Fd& fd, const std::string& name, const std::string& path,
                                  const CameraRequest& request) {
  const Offer offer = offered(fd, request.size);
  const auto mode = choose_mode(offer.modes, request.size, request.frames_per_second);
  if (!mode) return tl::unexpected(no_known_format(name, fmt::format("{}", fmt::join(offer.unknown_formats, ", "))));

  const auto pix = set_format(fd, name, path, *mode);
  if (!pix) return tl::unexpected(pix.error());
  const CameraFormat* format = find_camera_format(pix->pixelformat);
  if (!format) return tl::unexpected(no_known_format(name, fourcc_name(pix->pixelformat)));
  const Size size = to_size(pix->width, pix->height);
  if (size.width < 2 || size.height < 2)
    return fail(ErrorCode::kUnsupported, fmt::format("{} gives pictures of no size: choose another camera.", name));
  return CameraSetup{format, size, static_cast<int>(pix->bytesperline), camera_color_space(*pix),
                     set_rate(fd, request.frames_per_second)};
}

}  // namespace viba
