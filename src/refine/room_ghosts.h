#pragma once

#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"
#include "refine/room_cells.h"

namespace viba {

/// Tells things that have come into the picture from ghosts: places where the room was learnt wrongly, with somebody in
/// front of it who has gone since. Both look unlike what is known; but around a thing it is the picture that has an
/// edge, and around a ghost it is what is known. (As removed objects are told from left ones: Connell et al.,
/// "Detection and tracking in the IBM PeopleVision system", 2004.) Votes along the outlines are gathered in tiles of
/// 8x8 cells, with some memory. Thread-safety: none.
class RoomGhosts {
 public:
  /// Of the grid; forgets everything.
  void resize(Size cells);
  /// `differs`: where the picture does not look like what is known; `agrees`: where it does.
  void look(const CoarsePicture& picture, const RoomCells& room, const BitMask& differs, const BitMask& agrees);
  /// Whether a cell that differs is, by what is seen around, a ghost's.
  [[nodiscard]] const BitMask& ghosts() const { return ghosts_; }
  void forget();

 private:
  void vote(const CoarsePicture& picture, const RoomCells& room, int x, int y, const BitMask& agrees);
  [[nodiscard]] float votes_around(int x, int y) const;
  void mark(const BitMask& differs);

  Size cells_;
  Size size_;  ///< in tiles
  std::vector<float> votes_;
  BitMask ghosts_;
  BitMask outline_;  ///< of what differs: close enough to what agrees
};

}  // namespace viba
