#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

#include "media/components.h"

namespace viba {

/// Leaves one person in a matte, the main one: the largest and nearest to the middle, where somebody in a
/// call sits. Who it is changes only when somebody else was much more so for half a second, or the main
/// person was gone for as long; nobody is shown meanwhile. Who it was is known by where they were: a
/// memory of the kept matte that fades within some ten frames, so that a passer-by who touched the main
/// person for a moment is not taken for them.
/// Thread-safety: none.
class PersonPicker {
 public:
  /// Makes 0 of what is not the main person. `matte`: 0..1, row by row, of a grid of `size`, of the frame
  /// after the last one.
  void run(std::span<float> matte, Size size);
  /// The next matte has nothing to do with the last one.
  void reset();

 private:
  [[nodiscard]] std::int32_t choose();
  [[nodiscard]] std::int32_t take(std::int32_t person);
  [[nodiscard]] std::int32_t most_alike() const;
  [[nodiscard]] std::int32_t best(std::int32_t but) const;
  [[nodiscard]] double score(std::int32_t person) const;
  void measure_overlaps();
  void make_room(Size size);
  void keep(std::int32_t person);
  void remember();
  void drop_others(std::span<float> matte);
  void spread(std::vector<std::uint16_t>& distances) const;

  Size size_;
  Components components_;
  std::vector<float> memory_;           ///< how much of late a cell was the main person's, 0..1
  std::vector<double> overlaps_;        ///< of each component with the memory, in cells
  std::vector<std::uint8_t> kept_;      ///< whether each component is
  std::vector<std::uint16_t> to_kept_;  ///< from each cell
  std::vector<std::uint16_t> to_dropped_;
  double remembered_ = 0;  ///< sum of the memory
  bool anew_ = false;      ///< the memory is of somebody else
  bool somebody_ = false;  ///< there is a main person, if perhaps gone for a moment
  int gone_ = 0;           ///< mattes in a row without them
  int outdone_ = 0;        ///< mattes in a row in which somebody else was more so
};

}  // namespace viba
