#pragma once

#include <viba/frame.h>
#include <viba/options.h>

namespace viba {

/// Scales with area averaging downwards and bilinear sampling upwards (libyuv's box filter).
/// `contain` leaves black bars, `cover` cuts off what sticks out, `stretch` changes the aspect.
void scale(const Frame& from, const MutableFrame& to, Fit fit);
void scale(ConstPlane from, Plane to);

/// Copies planes of equal size.
void copy(const Frame& from, const MutableFrame& to);

/// One colour everywhere, given in BT.601 limited YUV.
struct YuvColor {
  std::uint8_t y = 16, u = 128, v = 128;
};
void fill(const MutableFrame& frame, YuvColor color);

/// Of an sRGB colour with 8 bits a channel, by ITU-R BT.601 limited range.
[[nodiscard]] YuvColor yuv_of_rgb(int red, int green, int blue);

}  // namespace viba
