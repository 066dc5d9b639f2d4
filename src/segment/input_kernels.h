#pragma once

#include <array>

namespace viba {

/// What a network takes for a red, green or blue of 0..1: `gain` times that, plus `offset`.
struct PixelRange {
  std::array<float, 3> gain{1, 1, 1};
  std::array<float, 3> offset{0, 0, 0};
};

/// Rows of numbers of BT.601 limited YUV become the network's RGB in place: `first` is luma, then red. Within 1e-6 of
/// exact arithmetic, of 0..1.
void yuv_to_rgb(float* first, float* second, float* third, int count, const PixelRange& range);

}  // namespace viba
