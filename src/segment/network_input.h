#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Turns frames into what a network takes: stretched to its size, RGB, three planes, red first, 0..1.
/// Thread-safety: none.
class NetworkInput {
 public:
  explicit NetworkInput(Size size);

  /// `tensor` has 3 * width * height values.
  void fill(const Frame& frame, std::span<float> tensor);

 private:
  [[nodiscard]] Plane plane(std::size_t index);

  Size size_;
  std::vector<std::uint8_t> yuv_;     ///< three planes of the network's size
  std::vector<std::uint8_t> pixels_;  ///< RGB, interleaved
};

}  // namespace viba
