#include "media/v4l2_offer.h"

#include <algorithm>
#include <functional>

#include <linux/videodev2.h>

#include "media/camera_formats.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

Size to_size(unsigned width, unsigned height) { return {static_cast<int>(width), static_cast<int>(height)}; }

void add_rates(const Fd& fd, std::uint32_t fourcc, DeviceSizes& sizes) {
  v4l2_frmivalenum answer{};
  answer.pixel_format = fourcc;
  answer.width = unsigned(sizes.most.width);
  answer.height = unsigned(sizes.most.height);
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FRAMEINTERVALS, &answer) == 0;
       ++answer.index) {
    if (answer.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
      sizes.rates = {rate_of(answer.stepwise.min), rate_of(answer.stepwise.max)};
      sizes.rate_range = true;
      return;
    }
    sizes.rates.push_back(rate_of(answer.discrete));
  }
  std::ranges::sort(sizes.rates, std::greater<>());
  sizes.rates.erase(std::unique(sizes.rates.begin(), sizes.rates.end()), sizes.rates.end());
}

std::vector<DeviceSizes> offered_sizes(const Fd& fd, std::uint32_t fourcc) {
  std::vector<DeviceSizes> all;
  v4l2_frmsizeenum answer{};
  answer.pixel_format = fourcc;
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FRAMESIZES, &answer) == 0; ++answer.index) {
    DeviceSizes& sizes = all.emplace_back();
    const bool single = answer.type == V4L2_FRMSIZE_TYPE_DISCRETE;
    if (single) {
      sizes.least = sizes.most = to_size(answer.discrete.width, answer.discrete.height);
    } else {
      const auto& range = answer.stepwise;
      sizes.least = to_size(range.min_width, range.min_height);
      sizes.most = to_size(range.max_width, range.max_height);
      if (sizes.least != sizes.most) sizes.step = to_size(range.step_width, range.step_height);
    }
    add_rates(fd, fourcc, sizes);
    if (!single) break;  // ranges are not a list
  }
  return all;
}

std::string text(const __u8 (&bytes)[32]) {
  return {std::begin(bytes), std::find(std::begin(bytes), std::end(bytes), 0)};
}

}  // namespace

std::vector<DeviceFormat> offered_formats(const Fd& fd, std::uint32_t type) {
  std::vector<DeviceFormat> formats;
  v4l2_fmtdesc answer{};
  answer.type = type;
  for (; answer.index < kMostV4l2Entries && retrying_ioctl(fd, VIDIOC_ENUM_FMT, &answer) == 0; ++answer.index)
    formats.push_back({fourcc_name(answer.pixelformat), text(answer.description),
                       find_camera_format(answer.pixelformat) != nullptr, offered_sizes(fd, answer.pixelformat)});
  return formats;
}

}  // namespace viba
