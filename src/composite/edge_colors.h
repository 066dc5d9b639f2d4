#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <viba/matte.h>

#include "composite/cell_grid.h"
#include "composite/cell_map.h"
#include "composite/edge_kernels.h"

namespace viba {

/// One channel of a `RoomView`; empty when nothing is known.
struct RoomPlane {
  ConstPlane color;
  ConstPlane known;
};

/// Which colours the person and the room have near the edge, on a coarse grid: means of the picture
/// over the surroundings, weighted with alpha² and (1 − alpha)² (blur fusion: Forte, "Approximate
/// Fast Foreground Colour Estimation", ICIP 2021), nearby and, where that is too little, from
/// further away. Where the room is known, its colour takes the mean's place.
/// Memory is made when the size changes. Thread-safety: none.
class EdgeColors {
 public:
  /// Of the cells near an edge of `map`, which was made from `alpha`. All of one plane's size.
  void estimate(ConstPlane picture, ConstPlane alpha, const CellMap& map, RoomPlane room);

  /// The colours of both in row `y` of pixels, 16 times, for the cells `first` to `end`, all edges.
  /// They have room for whole cells.
  void interpolate(int y, int first, int end, std::uint16_t* person, std::uint16_t* room);

 private:
  using Wide = WeightedSums<float>;

  void resize(Size size);
  void sum_up(ConstPlane picture, ConstPlane alpha, const CellMap& map);
  void sum_row(ConstPlane picture, ConstPlane alpha, int y, int first, int end);
  void widen();
  [[nodiscard]] Wide surroundings(int x, int y) const;

  [[nodiscard]] std::size_t block_at(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(blocks_.width) + static_cast<std::size_t>(x);
  }

  Size size_, padded_, blocks_, padded_blocks_;  ///< in cells; with a margin for the means; in blocks of cells
  std::vector<CellSums> sums_;                   ///< padded
  std::vector<Wide> block_sums_, block_means_;   ///< padded, not padded
  CellGrid person_, room_;
};

}  // namespace viba
