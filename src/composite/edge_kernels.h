#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace viba {

/// The side of a cell, on whose grid the colours near the person's edge are estimated.
inline constexpr int kCell = 8;
/// Kernels write up to as many values beyond the cells they were asked for.
inline constexpr int kMostLanes = 16;

/// What a matte says of a cell: it is wholly background, wholly person, or has both or mixtures of them.
enum class CellKind : std::uint8_t { kBehind, kPerson, kEdge };
/// Of `count` cells side by side, of `rows` rows.
void find_kinds(const std::uint8_t* alpha, int stride, int rows, int count, CellKind* kinds);

/// Sums over a cell's pixels, each weighted with alpha² for the person and (1 − alpha)² for the room:
/// of the picture, of alpha, and of the weights themselves. A row of cells has a row of each.
enum CellSum : std::uint8_t { kOfPerson, kPersonAlpha, kPersonWeight, kOfRoom, kRoomAlpha, kRoomWeight };
inline constexpr std::size_t kCellSums = 6;
/// The weight of a pixel that is wholly the one or the other, which is how 255² comes out.
inline constexpr int kWholeWeight = 255 * 255 / 256;

/// `rows` rows of pixels and their alpha, `kCell` pixels for each cell.
struct CellPixels {
  const std::uint8_t* picture;
  int picture_stride;
  const std::uint8_t* alpha;
  int alpha_stride;
  int rows;
};
/// The sums of `count` cells side by side; rows of sums lie `pitch` numbers apart.
void sum_cells(const CellPixels& pixels, int count, std::int32_t* sums, std::ptrdiff_t pitch);
/// The plain sums of `count` cells of `rows` rows.
void add_up_cells(const std::uint8_t* pixels, int stride, int rows, int count, std::int32_t* sums);

/// What is to be seen around each of a row of cells.
struct Surroundings {
  std::array<const std::int32_t*, 3> sums;  ///< of the row above, the row itself and that below: as in `sum_cells`
  std::ptrdiff_t pitch;                     ///< of all rows of sums
  const float* far;                         ///< the same sums from further away, to be added
  const float* room_color;                  ///< what is known of the room, 0..255 …
  const float* room_trust;                  ///< … and how far that is to be trusted, 0..1
};

/// The person's and the room's colours in `count` cells, 16 times, within one of exact arithmetic. The means of 3x3
/// cells, in a tent, are mixtures themselves, each with the mean alpha that belongs to it; solved for both colours.
void unmix_cells(const Surroundings& around, int count, std::uint16_t* person, std::uint16_t* room);

/// Values of cells, up to 255·16, to be interpolated linearly between their centres: the rows above the cells, of them
/// and below. Each has a value before the first cell and one behind the last.
struct CellRows {
  const std::uint16_t* above;
  const std::uint16_t* here;
  const std::uint16_t* below;
};

/// How far each estimate is believed, as variances in squared levels.
struct EdgeVariances {
  std::int32_t person;  ///< how the person's own pixels scatter around the estimate
  std::int32_t room;
  std::int32_t noise;
};

/// Cells side by side at the person's edge, of which the last may be cut off. `person_near` and `room_near` are what
/// colours are expected there.
struct EdgeCells {
  CellPixels pixels;
  const std::uint8_t* behind;
  int behind_stride;
  CellRows person_near, room_near;
  std::uint8_t* out;
  int out_stride;
  int width;  ///< pixels
};

/// Finds each pixel's own foreground colour F and lays it over the background. The picture is
/// I = alpha·F + (1 − alpha)·B + noise; F is the one of least squares, each term over its variance:
/// (F − F̂)²/σF² + (B − B̂)²/σB² + (I − alpha·F − (1 − alpha)·B)²/σn². Because alpha is uncertain by
/// an eighth as well, noise grows with F̂ − B̂. (In Forte 2021 the weight of the last term is alpha.)
/// Exact at both ends, and nowhere further from `behind` than alpha allows.
void blend_edge_cells(const EdgeCells& cells, const EdgeVariances& variances);

/// Cells side by side of a person laid over `behind`, to be lit; the last may be cut off. `light` is the blurred
/// background's level and `share` how far the person's colour moves towards it, of 255.
struct LitCells {
  const std::uint8_t* behind;
  int behind_stride;
  const std::uint8_t* alpha;
  int alpha_stride;
  CellRows light, share;
  std::uint8_t* out;
  int out_stride;
  int rows;
  int width;  ///< pixels
};

/// Moves each pixel from alpha·F + (1 − alpha)·N towards alpha·light + (1 − alpha)·N by its share, so
/// that where alpha is 0 nothing changes.
void light_cells(const LitCells& cells);

}  // namespace viba
