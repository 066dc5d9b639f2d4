#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

#include "composite/edge_kernels.h"

namespace viba {

/// What a matte says of each cell of a plane, and how near the edges are, where colours have to be estimated. The last
/// cells of a row or column may be cut off.
/// Memory is made when the size changes. Thread-safety: none.
class CellMap {
 public:
  using Kind = CellKind;

  void find(ConstPlane alpha);

  [[nodiscard]] Size size() const { return size_; }
  [[nodiscard]] const Kind* row(int y) const { return kinds_.data() + std::ptrdiff_t{y} * size_.width; }
  /// Whether an edge is at most `kNear` or `kFar` cells away, by row.
  [[nodiscard]] const std::uint8_t* near_row(int y) const { return near_.data() + std::ptrdiff_t{y} * size_.width; }
  [[nodiscard]] const std::uint8_t* far_row(int y) const { return far_.data() + std::ptrdiff_t{y} * size_.width; }

  static constexpr int kNear = 1;  ///< as far as interpolation between cells reaches
  static constexpr int kFar = 2;   ///< as far as their colours come from

 private:
  void find_row(ConstPlane alpha, int y);
  void spread(std::vector<std::uint8_t>& from, std::vector<std::uint8_t>& to, int reach);

  Size size_;
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> near_, far_, sideways_;
};

/// Calls `visit(first, end, value)` for each run of equal values.
template <class T, class Visit>
void for_each_run(const T* values, int count, Visit visit) {
  for (int first = 0; first < count;) {
    int end = first + 1;
    while (end < count && values[end] == values[first]) ++end;
    visit(first, end, values[first]);
    first = end;
  }
}

}  // namespace viba
