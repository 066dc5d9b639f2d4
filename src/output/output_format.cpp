#include "output/output_format.h"

#include <algorithm>
#include <array>

#include <libyuv/convert_from.h>
#include <linux/videodev2.h>

namespace viba {
namespace {

void to_yuyv(const Frame& frame, std::uint8_t* out) {
  const auto [width, height] = frame.size();
  libyuv::I420ToYUY2(frame.y().data, frame.y().stride, frame.u().data, frame.u().stride, frame.v().data,
                     frame.v().stride, out, 2 * width, width, height);
}

void to_i420(const Frame& frame, std::uint8_t* out) {
  for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()}) {
    for (int y = 0; y < plane.size.height; ++y) out = std::copy_n(plane.row(y), plane.size.width, out);
  }
}

void to_nv12(const Frame& frame, std::uint8_t* out) {
  const auto [width, height] = frame.size();
  std::uint8_t* chroma = out + std::ptrdiff_t{width} * height;
  libyuv::I420ToNV12(frame.y().data, frame.y().stride, frame.u().data, frame.u().stride, frame.v().data,
                     frame.v().stride, out, width, chroma, width, width, height);
}

/// The first is preferred; the others are met when a reader holds the device in them.
constexpr std::array kFormats{OutputFormat{V4L2_PIX_FMT_YUYV, "YUYV", 4, to_yuyv},
                              OutputFormat{V4L2_PIX_FMT_YUV420, "YUV420", 3, to_i420},
                              OutputFormat{V4L2_PIX_FMT_NV12, "NV12", 3, to_nv12}};

}  // namespace

const OutputFormat& preferred_output_format() { return kFormats.front(); }

const OutputFormat* find_output_format(std::uint32_t fourcc) {
  const auto* found = std::ranges::find(kFormats, fourcc, &OutputFormat::fourcc);
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace viba
