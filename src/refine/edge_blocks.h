#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "refine/bit_mask.h"
#include "refine/coarse.h"

namespace viba {

/// Neighbouring blocks of a row: their first cell, and the one after their last.
struct Stretch {
  int begin, end;
};

/// Tells which parts of a matte have an edge nearby: the rest needs no work at full size. A block is eight cells of one
/// row. Memory is made when the size changes. Thread-safety: none.
class EdgeBlocks {
 public:
  static constexpr int kWidth = 8;  ///< cells
  static constexpr int kReach = 5;  ///< cells around an edge that have it nearby, at least

  /// Cells up to `tail` and from 1 - `tail` on count as sure.
  void run(const CoarseMatte& matte, Size size, float tail);

  /// The stretches of a row that have an edge nearby, and those of the others that are the room or the person.
  [[nodiscard]] std::span<const Stretch> edges(int y) const { return edges_.row(y); }
  [[nodiscard]] std::span<const Stretch> room(int y) const { return room_.row(y); }
  [[nodiscard]] std::span<const Stretch> person(int y) const { return person_.row(y); }
  /// Those that have it nearby in the row or one of the two rows above or below.
  [[nodiscard]] std::span<const Stretch> around(int y) const { return around_.row(y); }

 private:
  using Blocks = std::uint64_t;  ///< a bit for each block of a row
  static_assert(kMostCells <= kWidth * 64);

  class Stretches {
   public:
    void clear() {
      all_.clear();
      ends_.clear();
    }
    void add_row(Blocks blocks);
    [[nodiscard]] std::span<const Stretch> row(int y) const {
      const std::size_t first = y == 0 ? 0 : ends_[std::size_t(y) - 1];
      return std::span(all_).subspan(first, ends_[std::size_t(y)] - first);
    }

   private:
    std::vector<Stretch> all_;
    std::vector<std::size_t> ends_;
  };

  void find_edges(const CoarseMatte& matte, Size size, float tail);

  BitMask unsure_, sure_person_, near_;
  std::vector<Blocks> edge_blocks_;
  Stretches edges_, room_, person_, around_;
};

}  // namespace viba
