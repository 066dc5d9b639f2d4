#include "composite/cell_map.h"

#include <algorithm>
#include <array>

namespace viba {

void CellMap::find(ConstPlane alpha) {
  const Size size{(alpha.size.width + kCell - 1) / kCell, (alpha.size.height + kCell - 1) / kCell};
  if (size != size_) {
    size_ = {};
    kinds_.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
    for (auto* map : {&near_, &far_, &sideways_}) map->resize(kinds_.size());
    size_ = size;
  }
  for (int y = 0; y < size.height; ++y) find_row(alpha, y);
  for (std::size_t i = 0; i < kinds_.size(); ++i) near_[i] = kinds_[i] == Kind::kEdge ? 1 : 0;
  spread(near_, near_, kNear);
  spread(near_, far_, kFar - kNear);
}

void CellMap::find_row(ConstPlane alpha, int y) {
  const int rows = std::min(kCell, alpha.size.height - y * kCell);
  const int whole = alpha.size.width / kCell;
  Kind* kinds = kinds_.data() + std::ptrdiff_t{y} * size_.width;
  find_kinds(alpha.row(y * kCell), alpha.stride, rows, whole, kinds);
  if (whole == size_.width) return;
  // The picture's edge cuts the last cell off: its last column is repeated.
  std::array<std::uint8_t, std::size_t{kCell} * kCell> cut{};
  for (int i = 0; i < rows * kCell; ++i)
    cut[static_cast<std::size_t>(i)] =
        alpha.row(y * kCell + i / kCell)[std::min(whole * kCell + i % kCell, alpha.size.width - 1)];
  find_kinds(cut.data(), kCell, rows, 1, kinds + whole);
}

void CellMap::spread(std::vector<std::uint8_t>& from, std::vector<std::uint8_t>& to, int reach) {
  const auto width = static_cast<std::size_t>(size_.width);
  const auto widen = [](const std::uint8_t* in, std::uint8_t* out, std::size_t count, std::size_t step) {
    for (std::size_t i = 0; i + step < count; ++i) out[i] |= in[i + step];
    for (std::size_t i = step; i < count; ++i) out[i] |= in[i - step];
  };
  sideways_ = from;
  for (int y = 0; y < size_.height; ++y) {
    const std::size_t row = static_cast<std::size_t>(y) * width;
    for (int i = 1; i <= reach; ++i)
      widen(from.data() + row, sideways_.data() + row, width, static_cast<std::size_t>(i));
  }
  to = sideways_;
  for (int i = 1; i <= reach; ++i)
    widen(sideways_.data(), to.data(), sideways_.size(), width * static_cast<std::size_t>(i));
}

}  // namespace viba
