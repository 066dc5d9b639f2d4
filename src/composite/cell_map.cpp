#include "composite/cell_map.h"

#include <algorithm>
#include <cstring>

namespace viba {
namespace {

static_assert(kCell == sizeof(std::uint64_t), "a row of a cell is looked at as one number");
constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

std::uint64_t row_of_cell(const std::uint8_t* alpha) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, alpha, sizeof bytes);
  return bytes;
}

/// A cell that the picture's edge cuts off has its last pixel repeated.
std::uint64_t row_of_cut_cell(const std::uint8_t* alpha, int width) {
  std::uint8_t bytes[kCell];
  for (int x = 0; x < kCell; ++x) bytes[x] = alpha[std::min(x, width - 1)];
  return row_of_cell(bytes);
}

}  // namespace

void CellMap::find(ConstPlane alpha) {
  const Size size{(alpha.size.width + kCell - 1) / kCell, (alpha.size.height + kCell - 1) / kCell};
  const auto width = static_cast<std::size_t>(size.width);
  if (size != size_) {
    size_ = size;
    any_.resize(width);
    all_.resize(width);
    kinds_.resize(width * static_cast<std::size_t>(size.height));
    for (auto* map : {&near_, &far_, &sideways_}) map->resize(kinds_.size());
  }
  for (int y = 0; y < size.height; ++y) find_row(alpha, y);
  for (std::size_t i = 0; i < kinds_.size(); ++i) near_[i] = kinds_[i] == Kind::kEdge ? 1 : 0;
  spread(near_, far_, kFar);
  spread(near_, near_, kNear);
}

void CellMap::find_row(ConstPlane alpha, int y) {
  std::ranges::fill(any_, std::uint64_t{0});
  std::ranges::fill(all_, kAllOnes);
  const int whole = alpha.size.width / kCell;
  for (int line = y * kCell; line < std::min((y + 1) * kCell, alpha.size.height); ++line) {
    const std::uint8_t* row = alpha.row(line);
    for (int x = 0; x < whole; ++x) {
      const std::uint64_t bytes = row_of_cell(row + std::ptrdiff_t{x} * kCell);
      any_[static_cast<std::size_t>(x)] |= bytes;
      all_[static_cast<std::size_t>(x)] &= bytes;
    }
    if (whole == size_.width) continue;
    const std::uint64_t bytes = row_of_cut_cell(row + std::ptrdiff_t{whole} * kCell, alpha.size.width - whole * kCell);
    any_.back() |= bytes;
    all_.back() &= bytes;
  }
  Kind* kinds = kinds_.data() + std::ptrdiff_t{y} * size_.width;
  for (std::size_t x = 0; x < any_.size(); ++x)
    kinds[x] = any_[x] == 0 ? Kind::kBehind : all_[x] == kAllOnes ? Kind::kPerson : Kind::kEdge;
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
