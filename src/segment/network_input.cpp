#include "segment/network_input.h"

namespace viba {

NetworkInput::NetworkInput(Size size, PixelRange range) : size_(size), luma_(size), chroma_(size), range_(range) {}

void NetworkInput::fill(const Frame& frame, std::span<float> tensor) {
  const std::size_t area = tensor.size() / 3;
  const auto width = static_cast<std::size_t>(size_.width);
  // Row by row, so that each is still near when it becomes RGB.
  for (int y = 0; y < size_.height; ++y) {
    const auto row = [&](std::size_t channel) {
      return tensor.subspan(channel * area + static_cast<std::size_t>(y) * width, width);
    };
    luma_.scale_row(frame.y(), y, row(0));
    chroma_.scale_row(frame.u(), y, row(1));
    chroma_.scale_row(frame.v(), y, row(2));
    yuv_to_rgb(row(0).data(), row(1).data(), row(2).data(), size_.width, range_);
  }
}

void NetworkInput::fill(const std::array<ConstPlane, 3>& rgb, std::span<float> tensor) {
  constexpr float kWhite = 255;
  const std::size_t area = tensor.size() / 3;
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    const auto plane = tensor.subspan(i * area, area);
    luma_.scale(rgb[i], plane);
    for (float& x : plane) x = x / kWhite * range_.gain[i] + range_.offset[i];
  }
}

}  // namespace viba
