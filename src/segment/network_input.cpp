#include "segment/network_input.h"

#include <libyuv/convert_argb.h>
#include <libyuv/planar_functions.h>

#include "media/scale.h"

namespace viba {
namespace {

constexpr std::size_t kChannels = 3;
constexpr float kWhite = 255.0F;

std::size_t area(Size size) { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height); }

}  // namespace

NetworkInput::NetworkInput(Size size) : size_(size), yuv_(kChannels * area(size)), pixels_(kChannels * area(size)) {}

Plane NetworkInput::plane(std::size_t index) { return {yuv_.data() + index * area(size_), size_.width, size_}; }

void NetworkInput::fill(const Frame& frame, std::span<float> tensor) {
  const Plane y = plane(0), u = plane(1), v = plane(2);
  scale(frame.y(), y);
  scale(frame.u(), u);
  scale(frame.v(), v);
  const int row_bytes = size_.width * static_cast<int>(kChannels);
  // What libyuv calls RAW is red, green, blue in memory; its matrix is BT.601 limited.
  libyuv::I444ToRAW(y.data, y.stride, u.data, u.stride, v.data, v.stride, pixels_.data(), row_bytes, size_.width,
                    size_.height);
  libyuv::SplitRGBPlane(pixels_.data(), row_bytes, y.data, y.stride, u.data, u.stride, v.data, v.stride, size_.width,
                        size_.height);
  for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] = static_cast<float>(yuv_[i]) / kWhite;
}

}  // namespace viba
