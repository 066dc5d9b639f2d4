#pragma once

#include <cstdint>

namespace viba {

/// The side of a cell, on whose grid the colours near the person's edge are estimated.
inline constexpr int kCell = 8;

/// Sums over a cell's pixels, each weighted with alpha² for the person and (1 − alpha)² for the room:
/// of the picture, of alpha, and of the weights themselves.
template <class Number>
struct WeightedSums {
  Number person{}, person_alpha{}, person_weight{};
  Number room{}, room_alpha{}, room_weight{};
};
using CellSums = WeightedSums<std::int32_t>;

/// The sums of `count` cells side by side, of `rows` rows.
void sum_cells(const std::uint8_t* picture, int picture_stride, const std::uint8_t* alpha, int alpha_stride, int rows,
               int count, CellSums* sums);

/// Interpolates linearly between the centres of `count` cells, of which `cells[-1]` and
/// `cells[count]` are the neighbours, to `kCell` values for each. Values are up to 255·16.
void widen_cells(const std::uint16_t* cells, int count, std::uint16_t* values);

/// How far each estimate is believed, as variances in squared levels.
struct EdgeVariances {
  std::int32_t person;  ///< how the person's own pixels scatter around the estimate
  std::int32_t room;
  std::int32_t noise;
};

/// One row of pixels at the person's edge. `person_near` and `room_near` are what colours are
/// expected there, 16 times.
struct EdgeRow {
  const std::uint8_t* picture;
  const std::uint8_t* behind;
  const std::uint8_t* alpha;
  const std::uint16_t* person_near;
  const std::uint16_t* room_near;
  std::uint8_t* out;
  int width;
};

/// Finds each pixel's own foreground colour F and lays it over the background. The picture is
/// I = alpha·F + (1 − alpha)·B + noise; F is the one of least squares, each term over its variance:
/// (F − F̂)²/σF² + (B − B̂)²/σB² + (I − alpha·F − (1 − alpha)·B)²/σn². Because alpha is uncertain by
/// an eighth as well, noise grows with F̂ − B̂. (In Forte 2021 the weight of the last term is alpha.)
/// Exact at both ends, and nowhere further from `behind` than alpha allows.
void blend_edge_row(const EdgeRow& row, const EdgeVariances& variances);

/// One row of a person laid over `behind`, to be lit. `light` is the blurred background's level and
/// `share` how far the person's colour moves towards it, of 255; both 16 times.
struct LightRow {
  const std::uint8_t* behind;
  const std::uint8_t* alpha;
  const std::uint16_t* light;
  const std::uint16_t* share;
  std::uint8_t* out;
  int width;
};

/// Moves each pixel from alpha·F + (1 − alpha)·N towards alpha·light + (1 − alpha)·N by its share, so
/// that where alpha is 0 nothing changes.
void light_row(const LightRow& row);

}  // namespace viba
