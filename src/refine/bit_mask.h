#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// A yes or no for each cell of a grid, 64 to a word: what takes the neighbours into account costs next to nothing.
/// Bits beyond the right border are always clear.
/// Thread-safety: none.
class BitMask {
 public:
  /// All clear. Allocates only for a larger grid than before.
  void resize(Size size);
  [[nodiscard]] Size size() const { return size_; }

  [[nodiscard]] std::span<std::uint64_t> row(int y);
  [[nodiscard]] std::span<const std::uint64_t> row(int y) const;
  [[nodiscard]] std::span<const std::uint64_t> words() const { return words_; }
  [[nodiscard]] bool test(int x, int y) const;
  [[nodiscard]] int count() const;

  void invert();
  BitMask& operator&=(const BitMask& other);
  BitMask& operator|=(const BitMask& other);
  /// Takes away what `other` has.
  BitMask& operator-=(const BitMask& other);

  /// Grows by that many cells to all sides, corners included: dilation with a square.
  void dilate(int cells);
  /// Shrinks by as many; beyond the border counts as set.
  void erode(int cells);
  /// Grows by up to `steps` cells, corners included, but only over what `allowed` has: geodesic dilation.
  void grow_within(const BitMask& allowed, int steps);

 private:
  void clear_tails();
  void widen(int cells);
  void heighten(int cells);

  Size size_;
  int stride_ = 0;  ///< words a row
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> spare_;  ///< as many, or rows of them, while they change
};

/// What both have. Of equal size.
void intersect(const BitMask& first, const BitMask& second, BitMask& both);

}  // namespace viba
