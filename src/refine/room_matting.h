#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"
#include "refine/room_cells.h"
#include "refine/room_matting_kernels.h"

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
  /// Columns of cells.
  struct Span {
    int begin = 0, end = 0;
  };
  void prepare(Size size);
  void find_band(const CoarseMatte& matte);
  [[nodiscard]] Span columns_around_band();
  [[nodiscard]] PersonRow person_row(const CoarsePicture& picture, int y) const;
  void slide(const CoarsePicture& picture, int enters, int leaves, Span span);
  void solve_row(const CoarsePicture& picture, const RoomCells& room, const Light& light,
                 const std::vector<float>& trust, int y, CoarseMatte& matte) const;

  Size size_;
  BitMask band_, sure_;
  BitMask person_;                                     ///< where a cell is surely the person's
  std::vector<std::uint64_t> any_row_;                 ///< of the band: the columns that it has anywhere
  std::array<std::vector<std::uint16_t>, 4> columns_;  ///< sums of 13 rows: y, u, v and how many cells
  std::array<std::vector<std::uint16_t>, 4> around_;   ///< of 13x13 cells
};

}  // namespace viba
