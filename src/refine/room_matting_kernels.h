#pragma once

#include <cstdint>

namespace viba {

/// Sums of the person's colour around each cell, compiled for several kinds of processors. Thread-safety: all functions
/// may be called from any thread.

/// A row of the picture, and the bits of those of its cells that are surely the person's.
struct PersonRow {
  const std::uint8_t *y, *u, *v;
  const std::uint64_t* person;
};

/// Cells on both sides, and as many rows, that the sums run over.
constexpr int kColourReach = 6;

/// Cells that vectors end at: where a part of a row begins, it begins at a multiple of it.
constexpr int kColourStep = 32;

/// Sums of the cells of 13 rows, a column each: of y, u, v, and how many there are. They may be kept of a part of the
/// rows.
struct ColourColumns {
  std::uint16_t* sums[4];
};
/// Adds a row, and takes another away. Either may be missing. `begin` is a multiple of `kColourStep`.
void slide_columns(const PersonRow* enters, const PersonRow* leaves, const ColourColumns& columns, int begin, int end);

/// Sums of 13 neighbours, six of them before and six after, where `wanted` has bits; elsewhere `around` may become
/// anything. For the sake of vectors the columns have 6 places before and 6 + `kColourStep` after, and `around` has
/// `kColourStep` after.
void sum_columns(const ColourColumns& columns, const std::uint64_t* wanted, const ColourColumns& around, int width);

}  // namespace viba
