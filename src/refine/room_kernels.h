#pragma once

#include <cstdint>

namespace viba {

/// What is done to a row of cells, compiled for several kinds of processors. All rows are `width` long; none may
/// overlap another unless it is the same. Rows of bits are those of a `BitMask`; what lies beyond the last cell in a
/// row that is written becomes 0. The plain reference of each stands in tests/refine. Thread-safety: all functions may
/// be called from any thread.

/// Up to three questions about each value.
struct LevelsRow {
  const float* values;
  int count;  ///< 1 to 3
  float levels[3];
  std::uint64_t* bits[3];  ///< set where the value is at least that level
};
void levels_row(const LevelsRow& row, int width);

/// A channel's picture less what is known of it in the light of now, in 1/8 levels.
struct DifferenceRow {
  const std::uint8_t* picture;
  const std::uint16_t* mean;  ///< 1/128
  float gain, offset;
  std::int16_t* difference;
};
void difference_row(const DifferenceRow& row, int width);

/// Sums of three rows; `sum` has a place before the first and one after the last cell, which get the same as those.
void sum3_rows(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* sum,
               int width);

/// How far the picture is from the room, and what that says.
struct EvidenceRow {
  const std::int16_t *y, *u, *v;  ///< sums of three rows of differences, with a place before and after
  const std::uint8_t *picture_y, *picture_u, *picture_v;
  const std::uint16_t *noise_y, *noise_c;
  const std::uint64_t* known;
  float* evidence;  ///< log of the likelihood ratio of person to room; 0 where nothing is known
  /// The squared distance in units of the noise, 0 where nothing is known, is at least `kDiffers`, at least that from
  /// which on it is a person's as likely as the room's, less than `kFits`, less than `kAgrees` where something is
  /// known.
  std::uint64_t *differs, *candidates, *fits, *agrees;
};
void evidence_row(const EvidenceRow& row, int width);

/// Cells along the side of the squares that the room is judged by; a byte of a mask's words.
constexpr int kRoomTile = 8;

/// Linearly, from a value for each tile, which is that of its middle, to one for each cell. `nodes` has a place before
/// the first and one after the last tile.
void enlarge_row(const float* nodes, float* out, int width);

struct FuseRow {
  const float* evidence;
  float* trust;                   ///< 0..1: what of the evidence counts; becomes 0 where nothing is known
  const std::uint64_t* positive;  ///< where evidence of a person is admitted
  const std::uint64_t* inside;    ///< where evidence of the room is not: deep within the person
  const std::uint64_t* known;
  float* matte;
};
/// To within 1e-5.
void fuse_row(const FuseRow& row, int width);

/// Which cells learn, and for how long what is known has been denied.
struct DecideRow {
  const std::uint64_t* background;  ///< where the network is sure of the room
  const std::uint64_t* nobody;      ///< where it sees nobody, be it close to somebody
  const std::uint64_t* empty;       ///< where the fused matte is
  const std::uint64_t* person;      ///< where the network is sure of the person
  const std::uint64_t* ghost;       ///< where what is known seems to be wrong
  const std::uint64_t *differs, *fits, *agrees;
  int beats;  ///< 1/60 s since the last frame
  std::uint8_t *samples, *contrary;
  std::uint64_t* learns;  ///< becomes: where the picture is to be learnt …
  std::uint64_t* first;   ///< … and where it is the first that is
  std::uint64_t* known;   ///< becomes: where enough samples were seen
};
void decide_row(const DecideRow& row, int width);

struct LearnRow {
  const std::uint8_t *picture_y, *picture_u, *picture_v;
  const std::uint64_t *learns, *first;
  const std::uint8_t* samples;  ///< with this one
  float gain_y, offset_y, offset_u, offset_v;
  std::uint16_t *mean_y, *mean_u, *mean_v, *noise_y, *noise_c;
};
void learn_row(const LearnRow& row, int width);

struct ShowRow {
  const std::uint16_t* mean;  ///< 1/128
  float gain, offset;         ///< up to 1.9, and ±255
  std::uint8_t* out;
};
/// What is known, in the light of now, to within 0.53.
void show_row(const ShowRow& row, int width);

/// How far it can be trusted, 0..255.
void show_trust_row(const float* trust, const std::uint64_t* known, std::uint8_t* out, int width);

}  // namespace viba
