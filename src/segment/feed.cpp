#include "segment/feed.h"

#include <algorithm>
#include <cmath>

namespace viba {

Size InputFeed::size_for(Size frame) const {
  if (size) return *size;
  const double area = static_cast<double>(frame.width) * frame.height;
  const double shrink = max_pixels == 0 ? 1 : std::min(1.0, std::sqrt(max_pixels / std::max(area, 1.0)));
  const auto rounded = [&](int side) {
    return std::max(static_cast<int>(side * shrink) / multiple, 1) * multiple + plus;
  };
  return {rounded(frame.width), rounded(frame.height)};
}

PixelRange InputFeed::pixel_range() const {
  PixelRange pixels;
  for (std::size_t i = 0; i < 3; ++i) {
    pixels.gain[i] = (range[1] - range[0]) / std[i];
    pixels.offset[i] = (range[0] - mean[i]) / std[i];
  }
  return pixels;
}

double downsample_ratio_for(Size frame) {
  constexpr int kSmall = 512;
  constexpr double kWorkingSide = 480;  // all rows of their table come to this on the longer side
  const int longer = std::max(frame.width, frame.height);
  return longer <= kSmall ? 1 : kWorkingSide / longer;
}

}  // namespace viba
