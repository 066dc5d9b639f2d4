#pragma once

#include <cstdint>
#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"
#include "refine/room_cells.h"

namespace viba {

/// Finds out how the light, the exposure and the white balance have changed since the room was learnt: an offset for
/// each channel (the median, then the mean of what lies near it), and for luma a gain (least squares).
/// Thread-safety: none.
class LightMeter {
 public:
  /// From a part of the cells in `reliable`, which show the room and are known. No change when they are too few.
  [[nodiscard]] Light measure(const CoarsePicture& picture, const RoomCells& room, const BitMask& reliable);

 private:
  struct Channel {
    std::vector<std::uint8_t> now;
    std::vector<std::uint16_t> then;  ///< 1/128
  };
  void prepare(Size size);
  void collect(const CoarsePicture& picture, const RoomCells& room, const BitMask& reliable);
  [[nodiscard]] Light::Channel fitted(const Channel& samples, bool with_gain);

  Size size_;
  std::size_t count_ = 0;  ///< of the samples
  Channel y_, u_, v_;
  std::vector<std::uint16_t> scratch_;
};

}  // namespace viba
