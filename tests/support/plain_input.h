#pragma once

#include <algorithm>
#include <cstddef>

#include "segment/input_kernels.h"

namespace viba::plain {

/// `viba::yuv_to_rgb` as ITU-R BT.601 has it.
inline void yuv_to_rgb(float* first, float* second, float* third, int count, const PixelRange& range) {
  for (int x = 0; x < count; ++x) {
    const float y = (first[x] - 16) / 219;
    const float u = (second[x] - 128) / 224;
    const float v = (third[x] - 128) / 224;
    const auto seen = [&](float light, std::size_t channel) {
      return std::clamp(light, 0.0F, 1.0F) * range.gain[channel] + range.offset[channel];
    };
    first[x] = seen(y + 1.402F * v, 0);
    second[x] = seen(y - 0.114F * 1.772F / 0.587F * u - 0.299F * 1.402F / 0.587F * v, 1);
    third[x] = seen(y + 1.772F * u, 2);
  }
}

}  // namespace viba::plain
