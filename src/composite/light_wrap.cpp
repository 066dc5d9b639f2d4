#include "composite/light_wrap.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace viba {
namespace {

constexpr std::array<int, 3> kTent = {1, 2, 1};

}  // namespace

/// The mean of the cells that were summed, of 3x3 from the upper left one on; `otherwise` where none was.
float LightWrap::mean_around(const std::vector<std::int32_t>& sums, std::ptrdiff_t corner, float otherwise) const {
  std::int32_t sum = 0;
  std::int32_t pixels = 0;
  for (const int down : kTent) {
    for (std::ptrdiff_t i = 0; i < std::ssize(kTent); ++i) {
      const auto at = static_cast<std::size_t>(corner + i);
      const int weight = down * kTent[static_cast<std::size_t>(i)];
      sum += weight * sums[at];
      pixels += weight * sums_.pixels[at];
    }
    corner += padded_.width;
  }
  return pixels > 0 ? static_cast<float>(sum) / static_cast<float>(pixels) : otherwise;
}

void LightWrap::resize(Size plane, Size cells) {
  plane_ = {};
  padded_ = {cells.width + 2, cells.height + 2};
  for (auto* sums : {&sums_.behind, &sums_.alpha, &sums_.pixels})
    sums->resize(static_cast<std::size_t>(padded_.width) * static_cast<std::size_t>(padded_.height));
  light_.resize(cells);
  share_.resize(cells);
  plane_ = plane;
}

void LightWrap::run(ConstPlane behind, ConstPlane alpha, const CellMap& map, Plane out) {
  if (none()) return;
  const Size cells = map.size();
  if (out.size != plane_) resize(out.size, cells);
  sum_up(behind, alpha, map);
  const auto for_each_lit = [&](int y, auto visit) {
    for_each_run(map.far_row(y), cells.width, [&](int first, int end, std::uint8_t far) {
      if (far != 0) visit(first, end);
    });
  };
  for (int y = 0; y < cells.height; ++y)
    for_each_lit(y, [&](int first, int end) {
      for (int x = first; x < end; ++x) estimate_cell(x, y);
    });
  for (int y = 0; y < cells.height; ++y) {
    light_.finish_row(y);
    share_.finish_row(y);
  }
  for (int y = 0; y < cells.height; ++y)
    for_each_lit(y, [&](int first, int end) { light(behind, alpha, y, first, end, out); });
}

void LightWrap::sum_up(ConstPlane behind, ConstPlane alpha, const CellMap& map) {
  for (auto* sums : {&sums_.behind, &sums_.alpha, &sums_.pixels}) std::ranges::fill(*sums, 0);
  const int whole = plane_.width / kCell;  // one that the picture's edge cuts off counts nothing
  for (int y = 0; y < map.size().height; ++y)
    for_each_run(map.far_row(y), whole, [&](int first, int end, std::uint8_t far) {
      if (far == 0) return;
      const int rows = std::min(kCell, plane_.height - y * kCell);
      const std::ptrdiff_t cell = std::ptrdiff_t{y + 1} * padded_.width + first + 1;
      const std::ptrdiff_t left = std::ptrdiff_t{first} * kCell;
      add_up_cells(behind.row(y * kCell) + left, behind.stride, rows, end - first, sums_.behind.data() + cell);
      add_up_cells(alpha.row(y * kCell) + left, alpha.stride, rows, end - first, sums_.alpha.data() + cell);
      std::fill_n(sums_.pixels.begin() + cell, end - first, rows * kCell);
    });
}

void LightWrap::estimate_cell(int x, int y) {
  const std::ptrdiff_t corner = std::ptrdiff_t{y} * padded_.width + x;
  light_.row(y)[x] = CellGrid::in_steps(mean_around(sums_.behind, corner, 0));
  const float background = 255 - mean_around(sums_.alpha, corner, 255);
  share_.row(y)[x] = CellGrid::in_steps(background * static_cast<float>(strength_ / 100));
}

void LightWrap::light(ConstPlane behind, ConstPlane alpha, int cell, int first, int end, Plane out) {
  const int top = cell * kCell;
  const int left = first * kCell;
  light_cells({.behind = behind.row(top) + left,
               .behind_stride = behind.stride,
               .alpha = alpha.row(top) + left,
               .alpha_stride = alpha.stride,
               .light = light_.rows(cell, first),
               .share = share_.rows(cell, first),
               .out = out.row(top) + left,
               .out_stride = out.stride,
               .rows = std::min(kCell, plane_.height - top),
               .width = std::min(end * kCell, plane_.width) - left});
}

}  // namespace viba
