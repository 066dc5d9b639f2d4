#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

#include "composite/edge_kernels.h"

namespace viba {

/// A number for each cell of a plane, in sixteenths of a level, to be interpolated between their centres.
/// Thread-safety: none.
class CellGrid {
 public:
  static constexpr int kSteps = 16;

  /// A level of 0..255 as the grid holds it, rounded.
  [[nodiscard]] static std::uint16_t in_steps(float level) { return static_cast<std::uint16_t>(level * kSteps + 0.5F); }

  /// All zero.
  void resize(Size size);

  /// To be filled, each number that is interpolated and its neighbours. `kMostLanes` numbers behind a row may be
  /// overwritten.
  [[nodiscard]] std::uint16_t* row(int y) { return values_.data() + place(y); }
  /// Repeats the outermost numbers; has to follow when a row is filled.
  void finish_row(int y);

  /// For cells of row `y` from `first` on.
  [[nodiscard]] CellRows rows(int y, int first) const;

 private:
  [[nodiscard]] std::ptrdiff_t place(int y) const { return std::ptrdiff_t{y} * pitch_ + 1; }

  Size size_;
  std::ptrdiff_t pitch_ = 0;
  std::vector<std::uint16_t> values_;
};

}  // namespace viba
