#pragma once

#include <vector>

#include <viba/matte.h>

#include "refine/coarse.h"

namespace viba {

/// Brings a network's word onto the coarse grid: to where in the picture it belongs, by averaging areas where the
/// network's grid is the finer one and bilinearly where it is not. Nobody is outside of what the network saw; towards a
/// border of that which is not the picture's own, the matte fades out, so that a person who reaches over it ends
/// softly. Thread-safety: none.
class MattePlacer {
 public:
  /// The confidence `threshold`, 0..1, becomes one half: at 1 nobody is a person, at 0 everything with any confidence
  /// is. `matte` becomes as large as the coarse grid of frames of that size.
  void run(const Confidence& confidence, float threshold, Size frame, CoarseMatte& matte);

 private:
  /// What each row or column of the grid is a mean of: as many source ones for each.
  struct Axis {
    int begin = 0;  ///< the grid's cells from here to `end` lie in the area
    int end = 0;
    std::size_t taps = 0;
    std::vector<std::int32_t> first;  ///< source row or column, for each cell from `begin`
    std::vector<float> weights;       ///< of the first source for each of them, then of the one after it, and so on
  };
  struct Span {
    int begin, length;
  };
  static void plan(Axis& axis, int cells, int pixels, Span area, int sources);
  void plan(Size frame, const Rect& area, Size sources);
  void weigh_row(int row, int width);

  Size frame_, sources_;
  Rect area_;
  Axis rows_, columns_;
  std::vector<float> moved_;
  std::vector<float> row_weights_;
  std::vector<float> row_;  ///< a row of the grid, but as wide as the source
};

}  // namespace viba
