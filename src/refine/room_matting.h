#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"
#include "refine/room_cells.h"

namespace viba {

/// Matting with a known background: of a cell at the person's edge that shows I, with the room's colour B and the
/// person's F (the mean of the sure cells around), alpha = (I-B)·(F-B) / |F-B|², in units of the noise. It gets edges
/// and the blur of motion right where F and B differ clearly; elsewhere the matte stays. (The compositing equation
/// solved for alpha, as in triangulation matting: Smith and Blinn, "Blue screen matting", 1996.) Thread-safety: none.
class RoomMatting {
 public:
  void run(const CoarsePicture& picture, const RoomCells& room, const Light& light, const std::vector<float>& trust,
           CoarseMatte& matte);

 private:
  void prepare(Size size);
  void find_band(const CoarseMatte& matte);
  void slide(const CoarsePicture& picture, int enters, int leaves);
  void sum_neighbours();
  void solve_row(const CoarsePicture& picture, const RoomCells& room, const Light& light,
                 const std::vector<float>& trust, int y, CoarseMatte& matte) const;

  Size size_;
  BitMask band_, sure_;
  std::vector<std::uint8_t> person_;  ///< 1 where a cell is surely the person's, with rows of nobody around
  std::vector<std::uint8_t> nothing_, bytes_;
  std::array<std::vector<std::uint16_t>, 4> columns_;  ///< sums of 13 rows: y, u, v and how many cells
  std::array<std::vector<std::uint16_t>, 4> around_;   ///< of 13x13 cells
  std::vector<std::uint16_t> scratch_;
};

}  // namespace viba
