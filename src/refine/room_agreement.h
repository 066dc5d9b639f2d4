#pragma once

#include <vector>

#include "refine/bit_mask.h"

namespace viba {

/// How far what is known of the room can be trusted at a place: as far as it agrees around it with what the network is
/// sure is the room. A curtain in the wind, a lamp that flickers onto a wall and a screen lose their say for some
/// seconds; the rest of the room keeps its own. Worked out for tiles of 8x8 cells, with some memory.
/// Thread-safety: none.
class RoomAgreement {
 public:
  /// `reliable`: cells that are known and surely show the room; `disagrees`: those of them that do not look like it.
  /// `excused`: where a person is a better explanation. `beats`: 1/60 s since the last call.
  void look(const BitMask& reliable, const BitMask& disagrees, const BitMask& excused, int beats);
  /// 0..1 for each cell, enlarged bilinearly, times `share`.
  void fill(float share, std::vector<float>& trust);
  void forget();

 private:
  struct Tile {
    int seen = 0;     ///< cells that could be compared
    int against = 0;  ///< of these, how many tenths disagreed
  };
  void prepare(Size cells);
  void count(const BitMask& reliable, const BitMask& disagrees, const BitMask& excused);
  void sum_around();

  Size cells_;
  Size size_;  ///< in tiles
  std::vector<Tile> tiles_;
  std::vector<Tile> across_;   ///< sums of five tiles side by side
  std::vector<float> doubts_;  ///< 0..1
  std::vector<float> nodes_;   ///< trust in a row of tiles
};

}  // namespace viba
