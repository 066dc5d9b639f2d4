#include "composite/cell_grid.h"

#include <algorithm>

namespace viba {

void CellGrid::resize(Size size) {
  const std::ptrdiff_t pitch = size.width + 2 + kMostLanes;
  values_.assign(static_cast<std::size_t>(pitch) * static_cast<std::size_t>(size.height), 0);
  pitch_ = pitch;
  size_ = size;
}

void CellGrid::finish_row(int y) {
  std::uint16_t* values = row(y);
  values[-1] = values[0];
  values[size_.width] = values[size_.width - 1];
}

CellRows CellGrid::rows(int y, int first) const {
  const auto at = [&](int row) { return values_.data() + place(std::clamp(row, 0, size_.height - 1)) + first; };
  return {at(y - 1), at(y), at(y + 1)};
}

}  // namespace viba
