#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// A number for each cell of a plane, in sixteenths of a level, and what lies between their centres.
/// Thread-safety: none.
class CellGrid {
 public:
  static constexpr int kSteps = 16;

  /// A level of 0..255 as the grid holds it, rounded.
  [[nodiscard]] static std::uint16_t in_steps(float level) { return static_cast<std::uint16_t>(level * kSteps + 0.5F); }

  /// All zero.
  void reset(Size size);

  [[nodiscard]] std::uint16_t& at(int x, int y) { return values_[index(x, y)]; }

  /// For row `y` of pixels, interpolated linearly, for whole cells `first` to `end`. They and their
  /// neighbours have to be filled.
  void interpolate(int y, int first, int end, std::uint16_t* values);

 private:
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(size_.width) + static_cast<std::size_t>(x);
  }

  Size size_;
  std::vector<std::uint16_t> values_, line_;
};

}  // namespace viba
