#pragma once

#include <cstdint>
#include <vector>

#include <viba/matte.h>

#include "composite/cell_grid.h"
#include "composite/cell_map.h"
#include "composite/edge_kernels.h"
#include "composite/known_room.h"

namespace viba {

/// Which colours the person and the room have near the edge, on a coarse grid: means of the picture
/// over the surroundings, weighted with alpha² and (1 − alpha)² (blur fusion: Forte, "Approximate
/// Fast Foreground Colour Estimation", ICIP 2021), nearby and, where that is too little, from
/// further away. Where the room is known, its colour takes the mean's place.
/// Memory is made when the size changes. Thread-safety: none.
class EdgeColors {
 public:
  /// Of the cells near an edge of `map`, which was made from `alpha`. All of one plane's size.
  void estimate(ConstPlane picture, ConstPlane alpha, const CellMap& map, RoomPlane room);

  /// The colours of both, 16 times, around the cells of row `y` from `first` on, which are at an edge.
  [[nodiscard]] CellRows person(int y, int first) const { return person_.rows(y, first); }
  [[nodiscard]] CellRows room(int y, int first) const { return room_.rows(y, first); }

 private:
  void resize(Size size);
  void sum_up(ConstPlane picture, ConstPlane alpha, const CellMap& map);
  void sum_edge(ConstPlane picture, ConstPlane alpha, int y, int first, int end);
  void sum_cut(ConstPlane picture, ConstPlane alpha, int y, int x);
  void sum_sure(ConstPlane picture, bool person, int y, int first, int end);
  void add_to_blocks(int y, int first, int end);
  void widen_blocks(int y);
  void estimate_row(const CellMap& map, int y);

  /// In rows of cells, where each has six rows of sums.
  [[nodiscard]] std::int32_t* sums_at(int x, int y) {
    return sums_.data() + (std::ptrdiff_t{y} + 1) * static_cast<std::ptrdiff_t>(kCellSums) * pitch_ + x + 1;
  }
  [[nodiscard]] std::int32_t* block_at(int x, int y) {
    return block_sums_.data() + (std::ptrdiff_t{y} + 1) * static_cast<std::ptrdiff_t>(kCellSums) * block_pitch_ + x + 1;
  }

  Size size_, blocks_;  ///< in cells; in blocks of cells
  std::ptrdiff_t pitch_ = 0, block_pitch_ = 0;
  std::vector<std::int32_t> sums_, block_sums_;  ///< with a margin for the means
  std::vector<float> far_;                       ///< of one row of blocks, for each cell
  KnownRoom known_;
  CellGrid person_, room_;
};

}  // namespace viba
