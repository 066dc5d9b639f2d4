#pragma once

#include <array>
#include <span>
#include <vector>

#include <viba/frame.h>

#include "media/area_scaler.h"

namespace viba {

/// What a network takes for a red, green or blue of 0..1: `gain` times that, plus `offset`.
struct PixelRange {
  std::array<float, 3> gain{1, 1, 1};
  std::array<float, 3> offset{0, 0, 0};
};

/// Turns frames into what a network takes: stretched to its size, RGB, three planes, red first.
/// Thread-safety: none.
class NetworkInput {
 public:
  explicit NetworkInput(Size size, PixelRange range = {});

  /// `tensor` has 3 * width * height values.
  void fill(const Frame& frame, std::span<float> tensor);
  /// Of an 8-bit RGB picture: three planes of one size, red first.
  void fill(const std::array<ConstPlane, 3>& rgb, std::span<float> tensor);

 private:
  AreaScaler luma_, chroma_;
  PixelRange range_;
};

}  // namespace viba
