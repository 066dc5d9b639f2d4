#include "composite/light_wrap.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace viba {
namespace {

constexpr std::array<int, 3> kTent = {1, 2, 1};

/// The mean of the cells that were summed, of 3x3 from the upper left one on; `otherwise` where none was.
float mean_around(const CellSums* corner, int stride, float otherwise) {
  std::int32_t sum = 0;
  std::int32_t weight = 0;
  for (const int down : kTent) {
    for (std::size_t i = 0; i < kTent.size(); ++i) {
      sum += down * kTent[i] * corner[i].room;
      weight += down * kTent[i] * corner[i].room_weight;
    }
    corner += stride;
  }
  return weight > 0 ? static_cast<float>(sum) / static_cast<float>(weight) : otherwise;
}

}  // namespace

void LightWrap::resize(Size plane, Size cells) {
  plane_ = plane;
  padded_ = {cells.width + 2, cells.height + 2};
  const auto width = static_cast<std::size_t>(cells.width) * kCell;
  for (auto* sums : {&behind_sums_, &alpha_sums_})
    sums->resize(static_cast<std::size_t>(padded_.width) * static_cast<std::size_t>(padded_.height));
  nothing_.resize(width);
  light_near_.resize(width);
  share_near_.resize(width);
}

void LightWrap::run(ConstPlane behind, ConstPlane alpha, const CellMap& map, Plane out) {
  if (none()) return;
  const Size cells = map.size();
  if (out.size != plane_) resize(out.size, cells);
  sum_up(behind, alpha, map);
  light_.reset(cells);
  share_.reset(cells);
  const auto for_each_lit = [&](int y, auto visit) {
    for_each_run(map.far_row(y), cells.width, [&](int first, int end, std::uint8_t far) {
      if (far != 0) visit(first, end);
    });
  };
  for (int y = 0; y < cells.height; ++y)
    for_each_lit(y, [&](int first, int end) {
      for (int x = first; x < end; ++x) estimate_cell(x, y);
    });
  for (int y = 0; y < cells.height; ++y)
    for_each_lit(y, [&](int first, int end) { light_cells(behind, alpha, y, first, end, out); });
}

void LightWrap::sum_up(ConstPlane behind, ConstPlane alpha, const CellMap& map) {
  std::ranges::fill(behind_sums_, CellSums{});
  std::ranges::fill(alpha_sums_, CellSums{});
  const int whole = plane_.width / kCell;  // one that the picture's edge cuts off counts nothing
  for (int y = 0; y < map.size().height; ++y)
    for_each_run(map.far_row(y), whole, [&](int first, int end, std::uint8_t far) {
      if (far == 0) return;
      const int rows = std::min(kCell, plane_.height - y * kCell);
      const std::ptrdiff_t cell = std::ptrdiff_t{y + 1} * padded_.width + first + 1;
      const std::ptrdiff_t left = std::ptrdiff_t{first} * kCell;
      sum_cells(behind.row(y * kCell) + left, behind.stride, nothing_.data(), 0, rows, end - first,
                behind_sums_.data() + cell);
      sum_cells(alpha.row(y * kCell) + left, alpha.stride, nothing_.data(), 0, rows, end - first,
                alpha_sums_.data() + cell);
    });
}

void LightWrap::estimate_cell(int x, int y) {
  const std::ptrdiff_t corner = std::ptrdiff_t{y} * padded_.width + x;
  light_.at(x, y) = CellGrid::in_steps(mean_around(behind_sums_.data() + corner, padded_.width, 0));
  const float background = 255 - mean_around(alpha_sums_.data() + corner, padded_.width, 255);
  share_.at(x, y) = CellGrid::in_steps(background * static_cast<float>(strength_ / 100));
}

void LightWrap::light_cells(ConstPlane behind, ConstPlane alpha, int cell, int first, int end, Plane out) {
  const int left = first * kCell;
  const int width = std::min(end * kCell, plane_.width) - left;
  for (int y = cell * kCell; y < std::min((cell + 1) * kCell, plane_.height); ++y) {
    light_.interpolate(y, first, end, light_near_.data());
    share_.interpolate(y, first, end, share_near_.data());
    light_row(
        {behind.row(y) + left, alpha.row(y) + left, light_near_.data(), share_near_.data(), out.row(y) + left, width});
  }
}

}  // namespace viba
