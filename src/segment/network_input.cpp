#include "segment/network_input.h"

#include <algorithm>

namespace viba {
namespace {

// ITU-R BT.601, limited range, with white as 1.
constexpr float kLumaGain = 1.0F / 219;
constexpr float kChromaGain = 1.0F / 224;
constexpr float kRedOfV = 1.402F * kChromaGain;
constexpr float kBlueOfU = 1.772F * kChromaGain;
constexpr float kGreenOfU = -0.114F / 0.587F * kBlueOfU;
constexpr float kGreenOfV = -0.299F / 0.587F * kRedOfV;
constexpr float kBlack = 16;
constexpr float kGray = 128;

/// In place: luma becomes red, then green and blue.
void yuv_to_rgb(std::span<float> first, std::span<float> second, std::span<float> third, const PixelRange& range) {
  const auto [red, green, blue] = range.gain;
  const auto [red_offset, green_offset, blue_offset] = range.offset;
  const auto unit = [](float x) { return std::min(std::max(x, 0.0F), 1.0F); };
  for (std::size_t i = 0; i < first.size(); ++i) {
    const float y = (first[i] - kBlack) * kLumaGain;
    const float u = second[i] - kGray;
    const float v = third[i] - kGray;
    first[i] = red * unit(y + kRedOfV * v) + red_offset;
    second[i] = green * unit(y + kGreenOfU * u + kGreenOfV * v) + green_offset;
    third[i] = blue * unit(y + kBlueOfU * u) + blue_offset;
  }
}

}  // namespace

NetworkInput::NetworkInput(Size size, PixelRange range) : luma_(size), chroma_(size), range_(range) {}

void NetworkInput::fill(const Frame& frame, std::span<float> tensor) {
  const std::size_t area = tensor.size() / 3;
  const auto red = tensor.first(area);
  const auto green = tensor.subspan(area, area);
  const auto blue = tensor.last(area);
  luma_.scale(frame.y(), red);
  chroma_.scale(frame.u(), green);
  chroma_.scale(frame.v(), blue);
  yuv_to_rgb(red, green, blue, range_);
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
