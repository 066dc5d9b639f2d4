#pragma once

#include <array>
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
  struct Sample {
    float now, then;
  };
  void collect(const std::vector<std::uint8_t>& now, const std::vector<std::uint16_t>& then, const RoomCells& room,
               const BitMask& reliable);
  [[nodiscard]] float median_change() const;
  [[nodiscard]] Light::Channel fitted(bool with_gain) const;

  std::vector<Sample> samples_;
  mutable std::array<int, 512> histogram_{};
};

}  // namespace viba
