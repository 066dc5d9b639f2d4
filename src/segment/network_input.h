#pragma once

#include <array>
#include <span>
#include <vector>

#include <viba/frame.h>

#include "media/area_scaler.h"
#include "segment/input_kernels.h"

namespace viba {

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
  Size size_;
  AreaScaler luma_, chroma_;
  PixelRange range_;
};

}  // namespace viba
