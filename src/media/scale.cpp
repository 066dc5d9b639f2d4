#include "media/scale.h"

#include <algorithm>
#include <cmath>

#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <libyuv/scale.h>

namespace viba {
namespace {

/// On even pixels, so that the chroma planes have the same part.
Rect centred(Size outer, Size inner) {
  inner = round_to_even({std::clamp(inner.width, 2, outer.width), std::clamp(inner.height, 2, outer.height)});
  return {((outer.width - inner.width) / 2) & ~1, ((outer.height - inner.height) / 2) & ~1, inner};
}

/// The largest centred part of `outer` that has the aspect of `shape`.
Rect part_of_aspect(Size outer, Size shape) {
  const double scale = std::min(double(outer.width) / shape.width, double(outer.height) / shape.height);
  return centred(outer, {int(std::lround(shape.width * scale)), int(std::lround(shape.height * scale))});
}

template <class AnyPlane>
AnyPlane part(AnyPlane plane, Rect rect, int divisor) {
  const int x = rect.x / divisor;
  plane.data = plane.row(rect.y / divisor) + x;
  plane.size = {rect.size.width / divisor, rect.size.height / divisor};
  return plane;
}

}  // namespace

void scale(ConstPlane from, Plane to) {
  libyuv::ScalePlane(from.data, from.stride, from.size.width, from.size.height, to.data, to.stride, to.size.width,
                     to.size.height, libyuv::kFilterBox);
}

void scale(const Frame& from, const MutableFrame& to, Fit fit) {
  Rect source{0, 0, from.size()};
  Rect target{0, 0, to.size()};
  if (fit == Fit::kCover) source = part_of_aspect(from.size(), to.size());
  if (fit == Fit::kContain) target = part_of_aspect(to.size(), from.size());
  if (target.size != to.size()) fill(to, YuvColor{});
  scale(part(from.y(), source, 1), part(to.y(), target, 1));
  scale(part(from.u(), source, 2), part(to.u(), target, 2));
  scale(part(from.v(), source, 2), part(to.v(), target, 2));
}

void copy(const Frame& from, const MutableFrame& to) {
  libyuv::I420Copy(from.y().data, from.y().stride, from.u().data, from.u().stride, from.v().data, from.v().stride,
                   to.y().data, to.y().stride, to.u().data, to.u().stride, to.v().data, to.v().stride,
                   from.size().width, from.size().height);
}

void fill(const MutableFrame& frame, YuvColor color) {
  const Plane y = frame.y();
  const Plane u = frame.u();
  const Plane v = frame.v();
  libyuv::SetPlane(y.data, y.stride, y.size.width, y.size.height, color.y);
  libyuv::SetPlane(u.data, u.stride, u.size.width, u.size.height, color.u);
  libyuv::SetPlane(v.data, v.stride, v.size.width, v.size.height, color.v);
}

YuvColor yuv_of_rgb(int red, int green, int blue) {
  const double y = 0.299 * red + 0.587 * green + 0.114 * blue;
  const auto byte = [](double x) { return static_cast<std::uint8_t>(std::lround(x)); };
  return {byte(16 + y * 219 / 255), byte(128 + (blue - y) / 1.772 * 224 / 255),
          byte(128 + (red - y) / 1.402 * 224 / 255)};
}

}  // namespace viba
