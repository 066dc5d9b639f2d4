#pragma once

#include <cstdint>

namespace viba {

/// What is done to a row of cells, compiled for several kinds of processors. All rows are `width` long; none may
/// overlap another unless it is the same. The plain reference of each stands in tests/refine. Thread-safety: all
/// functions may be called from any thread.

/// A channel's picture less what is known of it in the light of now, in 1/8 levels.
struct DifferenceRow {
  const std::uint8_t* picture;
  const std::uint16_t* mean;  ///< 1/128
  float gain, offset;
  std::int16_t* difference;
};
void difference_row(const DifferenceRow& row, int width);

/// Sum of 3x3: three rows of differences, beyond the ends their last values. `sum` is in 1/72 levels of the mean.
void box3_row(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* scratch,
              std::int16_t* sum, int width);

/// How far the picture is from the room, and what that says.
struct EvidenceRow {
  const std::int16_t *y, *u, *v;  ///< differences, smoothed, in 1/72 levels
  const std::uint8_t *picture_y, *picture_u, *picture_v;
  const std::uint16_t *noise_y, *noise_c;
  const std::uint8_t* samples;
  float* distance;  ///< squared, in units of the noise; 0 where nothing is known
  float* evidence;  ///< log of the likelihood ratio of person to room; 0 where nothing is known
};
void evidence_row(const EvidenceRow& row, int width);

/// 1 where `low` <= value < `high`, else 0.
void within_row(const float* values, float low, float high, std::uint8_t* out, int width);

struct FuseRow {
  const float* evidence;
  float* trust;                  ///< 0..1: what of the evidence counts; becomes 0 where nothing is known
  const std::uint8_t* positive;  ///< 1 where evidence of a person is admitted
  const std::uint8_t* inside;    ///< 1 where evidence of the room is not: deep within the person
  const std::uint8_t* samples;
  float* matte;
};
void fuse_row(const FuseRow& row, int width);

/// Adds what a row has where the mask is 1 to running sums, and takes another row away.
void slide_row(const std::uint8_t* enters, const std::uint8_t* enters_mask, const std::uint8_t* leaves,
               const std::uint8_t* leaves_mask, std::uint16_t* sums, int width);
/// Sums of 13 neighbours along the row; beyond the ends is nothing. `scratch` has 16 more than `width`, `sums` too:
/// they begin 6 before the first, which are zero.
void sum13_row(const std::uint16_t* padded, std::uint16_t* scratch, std::uint16_t* out, int width);

struct LearnRow {
  const std::uint8_t *picture_y, *picture_u, *picture_v;
  const std::int16_t *y, *u, *v;  ///< differences, not smoothed, in 1/8 levels; of the light of now
  const float* distance;
  const std::uint8_t* background;  ///< 1 where the network is sure of the room
  const std::uint8_t* nobody;      ///< 1 where it sees nobody, be it close to somebody
  const std::uint8_t* empty;       ///< 1 where the fused matte is
  const std::uint8_t* person;      ///< 1 where the network is sure of the person
  const std::uint8_t* ghost;       ///< 1 where what is known seems to be wrong
  float gain_y, offset_y, offset_u, offset_v;
  int beats;  ///< 1/60 s since the last frame
  std::uint16_t *mean_y, *mean_u, *mean_v, *noise_y, *noise_c;
  std::uint8_t *samples, *contrary;
};
void learn_row(const LearnRow& row, int width);

struct ShowRow {
  const std::uint16_t* mean;  ///< 1/128
  float gain, offset;
  std::uint8_t* out;
};
/// What is known, in the light of now.
void show_row(const ShowRow& row, int width);

/// How far it can be trusted, 0..255.
void show_trust_row(const float* trust, const std::uint8_t* samples, std::uint8_t* out, int width);

}  // namespace viba
