#include "composite/edge_colors.h"

#include <algorithm>
#include <array>

namespace viba {
namespace {

constexpr int kMargin = 1;                ///< how far a mean reaches, in cells or blocks
constexpr int kBlock = 4;                 ///< the side of a block in cells
constexpr float kFarWeight = 0.01F / 16;  ///< of a block's 16 cells against those nearby

constexpr int blocks_of(int cells) { return (cells + kBlock - 1) / kBlock; }

/// Of all sums of a grid, with its margins and what kernels overwrite.
std::size_t numbers_of(std::ptrdiff_t pitch, int rows) {
  return kCellSums * static_cast<std::size_t>(pitch) * static_cast<std::size_t>(rows + 2 * kMargin);
}

}  // namespace

void EdgeColors::resize(Size size) {
  size_ = {};
  blocks_ = {blocks_of(size.width), blocks_of(size.height)};
  pitch_ = size.width + 2 * kMargin + kMostLanes;
  block_pitch_ = blocks_.width + 2 * kMargin;
  sums_.assign(numbers_of(pitch_, size.height), 0);
  block_sums_.assign(numbers_of(block_pitch_, blocks_.height), 0);
  far_.assign(kCellSums * static_cast<std::size_t>(pitch_), 0);
  person_.resize(size);
  room_.resize(size);
  size_ = size;
}

void EdgeColors::estimate(ConstPlane picture, ConstPlane alpha, const CellMap& map, RoomPlane room) {
  if (map.size() != size_) resize(map.size());
  known_.look(room, picture.size, size_);
  sum_up(picture, alpha, map);
  for (int y = 0; y < size_.height; ++y) {
    if (y % kBlock == 0) widen_blocks(y / kBlock);
    estimate_row(map, y);
  }
}

/// Of the cells far from an edge nobody reads the sums: those of another picture stay there.
void EdgeColors::sum_up(ConstPlane picture, ConstPlane alpha, const CellMap& map) {
  std::ranges::fill(block_sums_, 0);
  for (int y = 0; y < size_.height; ++y)
    for_each_run(map.far_row(y), size_.width, [&](int first, int end, std::uint8_t far) {
      if (far == 0) return;
      for_each_run(map.row(y) + first, end - first, [&](int from, int to, CellMap::Kind kind) {
        if (kind == CellMap::Kind::kEdge)
          sum_edge(picture, alpha, y, first + from, first + to);
        else
          sum_sure(picture, kind == CellMap::Kind::kPerson, y, first + from, first + to);
      });
      add_to_blocks(y, first, end);
    });
}

void EdgeColors::sum_edge(ConstPlane picture, ConstPlane alpha, int y, int first, int end) {
  const int rows = std::min(kCell, picture.size.height - y * kCell);
  const int whole = std::min(end, picture.size.width / kCell);
  const std::ptrdiff_t left = std::ptrdiff_t{first} * kCell;
  sum_cells({picture.row(y * kCell) + left, picture.stride, alpha.row(y * kCell) + left, alpha.stride, rows},
            whole - first, sums_at(first, y), pitch_);
  if (whole < end) sum_cut(picture, alpha, y, whole);
}

/// The picture's edge cuts the last cell off: its last column is repeated.
void EdgeColors::sum_cut(ConstPlane picture, ConstPlane alpha, int y, int x) {
  const int rows = std::min(kCell, picture.size.height - y * kCell);
  std::array<std::uint8_t, std::size_t{kCell} * kCell> pixels{}, alphas{};
  for (int i = 0; i < rows * kCell; ++i) {
    const int column = std::min(x * kCell + i % kCell, picture.size.width - 1);
    pixels[static_cast<std::size_t>(i)] = picture.row(y * kCell + i / kCell)[column];
    alphas[static_cast<std::size_t>(i)] = alpha.row(y * kCell + i / kCell)[column];
  }
  sum_cells({pixels.data(), kCell, alphas.data(), kCell, rows}, 1, sums_at(x, y), pitch_);
}

/// Where all pixels have one weight.
void EdgeColors::sum_sure(ConstPlane picture, bool person, int y, int first, int end) {
  const int whole = std::min(end, picture.size.width / kCell);
  const int rows = std::min(kCell, picture.size.height - y * kCell);
  std::int32_t* sums = sums_at(first, y);
  const auto fill = [&](CellSum sum, int value) { std::fill_n(sums + sum * pitch_, end - first, value); };
  for (const CellSum none : {kOfPerson, kPersonAlpha, kPersonWeight, kOfRoom, kRoomAlpha, kRoomWeight}) fill(none, 0);
  const int weight = kWholeWeight * kCell * rows;
  fill(person ? kPersonWeight : kRoomWeight, weight);
  if (person) fill(kPersonAlpha, 255 * weight);
  std::int32_t* colors = sums + (person ? kOfPerson : kOfRoom) * pitch_;
  add_up_cells(picture.row(y * kCell) + std::ptrdiff_t{first} * kCell, picture.stride, rows, whole - first, colors);
  for (int x = 0; x < whole - first; ++x) colors[x] *= kWholeWeight;
  for (int x = whole; x < end; ++x)
    for (int row = y * kCell; row < y * kCell + rows; ++row)
      for (int column = x * kCell; column < (x + 1) * kCell; ++column)
        colors[x - first] += kWholeWeight * picture.row(row)[std::min(column, picture.size.width - 1)];
}

void EdgeColors::add_to_blocks(int y, int first, int end) {
  const std::int32_t* sums = sums_at(0, y);
  std::int32_t* blocks = block_at(0, y / kBlock);
  for (std::size_t i = 0; i < kCellSums; ++i, sums += pitch_, blocks += block_pitch_)
    for (int x = first; x < end; ++x) blocks[x / kBlock] += sums[x];
}

/// The means around a row of blocks. All sums fit 32 bits: 255·254 times 16 for the tent and 1024 pixels a block.
void EdgeColors::widen_blocks(int y) {
  const std::ptrdiff_t down = static_cast<std::ptrdiff_t>(kCellSums) * block_pitch_;
  for (std::size_t i = 0; i < kCellSums; ++i) {
    const std::int32_t* row = block_at(0, y) + static_cast<std::ptrdiff_t>(i) * block_pitch_;
    const auto column = [&](int x) { return row[x - down] + 2 * row[x] + row[x + down]; };
    float* far = far_.data() + static_cast<std::ptrdiff_t>(i) * pitch_;
    for (int x = 0; x < blocks_.width; ++x)
      std::fill_n(far + x * kBlock, kBlock, kFarWeight * float(column(x - 1) + 2 * column(x) + column(x + 1)));
  }
}

void EdgeColors::estimate_row(const CellMap& map, int y) {
  for_each_run(map.near_row(y), size_.width, [&](int first, int end, std::uint8_t near) {
    if (near == 0) return;
    known_.fill(y, first, end);
    unmix_cells({{sums_at(first, y - 1), sums_at(first, y), sums_at(first, y + 1)},
                 pitch_,
                 far_.data() + first,
                 known_.color() + first,
                 known_.trust() + first},
                end - first, person_.row(y) + first, room_.row(y) + first);
  });
  person_.finish_row(y);
  room_.finish_row(y);
}

}  // namespace viba
