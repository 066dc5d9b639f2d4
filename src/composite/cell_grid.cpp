#include "composite/cell_grid.h"

#include <algorithm>
#include <cstdlib>

#include "composite/edge_kernels.h"

namespace viba {

void CellGrid::reset(Size size) {
  size_ = size;
  values_.assign(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height), 0);
  line_.resize(static_cast<std::size_t>(size.width) + 2);
}

void CellGrid::interpolate(int y, int first, int end, std::uint16_t* values) {
  // In sixteenths: how far the row's centre lies from that of its cells, towards the nearer neighbours.
  const int off = 2 * (y % kCell) - (kCell - 1);
  const auto part = static_cast<unsigned>(std::abs(off));
  const int neighbour = std::clamp(y / kCell + (off < 0 ? -1 : 1), 0, size_.height - 1);
  const std::uint16_t* row = values_.data() + index(0, y / kCell);
  const std::uint16_t* other = values_.data() + index(0, neighbour);
  const auto mixed = [&](int x) {
    return static_cast<std::uint16_t>(((kSteps - part) * row[x] + part * other[x] + kSteps / 2) / kSteps);
  };
  std::uint16_t* line = line_.data() + 1;
  line[-1] = mixed(std::max(first - 1, 0));
  for (int x = first; x < end; ++x) line[x - first] = mixed(x);
  line[end - first] = mixed(std::min(end, size_.width - 1));
  widen_cells(line, end - first, values);
}

}  // namespace viba
