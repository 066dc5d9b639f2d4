#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

#include "composite/cell_grid.h"
#include "composite/cell_map.h"
#include "composite/edge_kernels.h"

namespace viba {

/// The background's light that falls on the person's edge from inside, as compositing artists lay it
/// over a cut-out ("light wrap"): a person's colour is moved towards the blurred background by the
/// strength times the share of background around it. It reaches two cells far, and nothing that is
/// background changes. Memory is made when the size changes. Thread-safety: none.
class LightWrap {
 public:
  /// `strength` 0..100; 0 is none.
  explicit LightWrap(double strength) : strength_(strength) {}

  [[nodiscard]] bool none() const { return strength_ <= 0; }

  /// Changes `out`, where a person was laid over `behind` with `alpha`, of which `map` was made. All of one plane's
  /// size.
  void run(ConstPlane behind, ConstPlane alpha, const CellMap& map, Plane out);

 private:
  void resize(Size plane, Size cells);
  void sum_up(ConstPlane behind, ConstPlane alpha, const CellMap& map);
  void estimate_cell(int x, int y);
  void light(ConstPlane behind, ConstPlane alpha, int cell, int first, int end, Plane out);

  /// Sums of a cell's pixels.
  struct Sums {
    std::vector<std::int32_t> behind, alpha, pixels;
  };
  [[nodiscard]] float mean_around(const std::vector<std::int32_t>& sums, std::ptrdiff_t corner, float otherwise) const;

  double strength_;
  Size plane_, padded_;
  Sums sums_;  ///< padded by a cell
  CellGrid light_, share_;
};

}  // namespace viba
