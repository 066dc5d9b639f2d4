#pragma once

#include <span>
#include <vector>

#include <viba/frame.h>

#include "segment/area_scaler.h"

namespace viba {

/// Turns frames into what a network takes: stretched to its size, RGB, three planes, red first, 0..1.
/// Thread-safety: none.
class NetworkInput {
 public:
  explicit NetworkInput(Size size);

  /// `tensor` has 3 * width * height values.
  void fill(const Frame& frame, std::span<float> tensor);

 private:
  AreaScaler luma_, chroma_;
};

}  // namespace viba
