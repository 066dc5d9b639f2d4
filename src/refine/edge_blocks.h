#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"

namespace viba {

/// Neighbouring cells of a row: the first one, and the one after the last.
struct Stretch {
  int begin, end;
};

/// Tells which parts of a matte have an edge nearby: the rest needs no work at full size. Memory is made when the size
/// changes. Thread-safety: none.
class EdgeBlocks {
 public:
  static constexpr int kWidth = 8;  ///< cells of a block, which are of one row
  static constexpr int kReach = 5;  ///< cells around an edge that have it nearby

  /// Cells up to `tail` and from 1 - `tail` on count as sure.
  void run(const CoarseMatte& matte, Size size, float tail);

  /// The cells of a row that have an edge nearby, and those of the others that are the room or the person.
  [[nodiscard]] std::span<const Stretch> edges(int y) const { return edges_.row(y); }
  [[nodiscard]] std::span<const Stretch> room(int y) const { return room_.row(y); }
  [[nodiscard]] std::span<const Stretch> person(int y) const { return person_.row(y); }
  /// The blocks that have any of those cells in the row; in the row or one of the two rows above or below.
  [[nodiscard]] std::span<const Stretch> blocks(int y) const { return blocks_.row(y); }
  [[nodiscard]] std::span<const Stretch> around(int y) const { return around_.row(y); }

 private:
  class Stretches {
   public:
    void clear();
    /// One of each run of bits that are set, of `count`; a bit stands for so many `cells`.
    void add_row(std::span<const std::uint64_t> bits, int count, int cells);
    [[nodiscard]] std::span<const Stretch> row(int y) const {
      const std::size_t first = y == 0 ? 0 : ends_[std::size_t(y) - 1];
      return std::span(all_).subspan(first, ends_[std::size_t(y)] - first);
    }

   private:
    std::vector<Stretch> all_;
    std::vector<std::size_t> ends_;  ///< of each row
  };

  void find_edges(const CoarseMatte& matte, Size size, float tail);
  void find_blocks(Size size);

  BitMask unsure_, sure_person_, near_, sure_room_;
  std::vector<std::uint64_t> near_blocks_;  ///< of each row, a bit for each
  Stretches edges_, room_, person_, blocks_, around_;
};

}  // namespace viba
