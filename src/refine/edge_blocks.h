#pragma once

#include <cstdint>
#include <vector>

#include "refine/coarse.h"

namespace viba {

/// Tells which parts of a matte have an edge nearby: the rest needs no work at full size. A block is as many cells of
/// one row as a vector holds at most. Thread-safety: none.
class EdgeBlocks {
 public:
  static constexpr int kWidth = 8;  ///< cells
  static constexpr int kReach = 5;  ///< cells around an edge that have it nearby, at least
  enum class Kind : std::uint8_t { kRoom, kPerson, kEdge };

  /// Cells up to `tail` and from 1 - `tail` on count as sure.
  void run(const CoarseMatte& matte, Size size, float tail);

  /// Of each block of a row.
  [[nodiscard]] const Kind* row(int y) const { return kinds_.data() + std::ptrdiff_t{y} * blocks_; }
  [[nodiscard]] int blocks() const { return blocks_; }  ///< in a row
  /// Whether there is a `kEdge` in the row or one of the two rows above or below: for each block, and for any.
  [[nodiscard]] const std::uint8_t* around(int y) const { return around_.data() + std::ptrdiff_t{y} * blocks_; }
  [[nodiscard]] bool edges_around(int y) const { return edges_around_[std::size_t(y)] != 0; }

 private:
  void find_unsure(const CoarseMatte& matte, Size size, float tail);
  void widen(Size size);
  void choose_kinds(Size size);
  void look_around(Size size);

  int blocks_ = 0;
  std::vector<std::uint8_t> classes_, unsure_;  ///< of each cell
  std::vector<std::uint8_t> near_;              ///< of each block: an unsure cell is in reach along the row
  std::vector<Kind> kinds_;
  std::vector<std::uint8_t> around_, edges_around_;
};

/// Calls `work` with the first cell and the end of each stretch of blocks that are `wanted`.
template <class Kind, class Work>
void for_stretches(int blocks, const Kind* kinds, Kind wanted, const Work& work) {
  for (int block = 0; block < blocks; ++block) {
    if (kinds[block] != wanted) continue;
    const int first = block;
    while (block < blocks && kinds[block] == wanted) ++block;
    work(first * EdgeBlocks::kWidth, block * EdgeBlocks::kWidth);
  }
}

}  // namespace viba
