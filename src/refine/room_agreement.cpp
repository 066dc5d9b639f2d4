#include "refine/room_agreement.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace viba {
namespace {

constexpr int kTile = 8;                              ///< cells; a byte of a mask's words
constexpr int kAround = 2;                            ///< tiles to each side that count
constexpr float kPrior = 24;                          ///< cells in agreement that are supposed to have been seen
constexpr float kExcused = 0.3F;                      ///< weight of what may be a person
constexpr float kTolerated = 0.15F, kTooMuch = 0.4F;  ///< shares of disagreement at which doubt begins, and is full
constexpr float kRecovery = 1 / 180.0F;               ///< of doubt, in 1/60 s

/// How many bits each of the eight bytes has, in that byte.
std::uint64_t bits_of_bytes(std::uint64_t word) {
  word -= word >> 1 & 0x5555555555555555U;
  word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
  return (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU;
}

}  // namespace

void RoomAgreement::forget() { std::ranges::fill(tiles_, Tile{}); }

void RoomAgreement::prepare(Size cells) {
  if (cells == cells_) return;
  cells_ = cells;
  size_ = {(cells.width + kTile - 1) / kTile, (cells.height + kTile - 1) / kTile};
  tiles_.assign(std::size_t(size_.width) * std::size_t(size_.height), {});
}

void RoomAgreement::count(const BitMask& reliable, const BitMask& disagrees, const BitMask& excused) {
  for (int tile_row = 0; tile_row < size_.height; ++tile_row)
    for (int word = 0; word * kTile < size_.width; ++word) {
      std::uint64_t seen = 0, against = 0, weak = 0;
      for (int y = tile_row * kTile; y < std::min((tile_row + 1) * kTile, cells_.height); ++y) {
        const auto at = static_cast<std::size_t>(word);
        const std::uint64_t bad = disagrees.row(y)[at], person = excused.row(y)[at];
        seen += bits_of_bytes(reliable.row(y)[at]);
        against += bits_of_bytes(bad & ~person);
        weak += bits_of_bytes(bad & person);
      }
      Tile* tiles = tiles_.data() + std::ptrdiff_t(tile_row) * size_.width + word * kTile;
      for (int i = 0; i < std::min(kTile, size_.width - word * kTile); ++i) {
        const auto byte = [&](std::uint64_t sums) { return float(sums >> (i * 8) & 0xff); };
        tiles[i].seen = byte(seen);
        tiles[i].against = byte(against) + kExcused * byte(weak);
      }
    }
}

float RoomAgreement::doubt_around(int x, int y) const {
  float seen = kPrior, against = 0;
  for (int v = std::max(0, y - kAround); v <= std::min(size_.height - 1, y + kAround); ++v)
    for (int u = std::max(0, x - kAround); u <= std::min(size_.width - 1, x + kAround); ++u) {
      const Tile& tile = tiles_[std::size_t(v) * std::size_t(size_.width) + std::size_t(u)];
      seen += tile.seen;
      against += tile.against;
    }
  return std::clamp((against / seen - kTolerated) / (kTooMuch - kTolerated), 0.0F, 1.0F);
}

void RoomAgreement::look(const BitMask& reliable, const BitMask& disagrees, const BitMask& excused, int beats) {
  prepare(reliable.size());
  count(reliable, disagrees, excused);
  for (int y = 0; y < size_.height; ++y)
    for (int x = 0; x < size_.width; ++x) {
      float& doubt = tiles_[std::size_t(y) * std::size_t(size_.width) + std::size_t(x)].doubt;
      doubt = std::max(doubt_around(x, y), doubt - kRecovery * float(beats));
    }
}

void RoomAgreement::fill(std::vector<float>& trust) const {
  const auto position = [](int cell, int tiles) {
    return std::clamp((float(cell) + 0.5F) / kTile - 0.5F, 0.0F, float(tiles - 1));
  };
  for (int y = 0; y < cells_.height; ++y) {
    const float down = position(y, size_.height);
    const int above = static_cast<int>(down);
    const Tile* upper = tiles_.data() + std::ptrdiff_t(above) * size_.width;
    const Tile* lower = tiles_.data() + std::ptrdiff_t(std::min(above + 1, size_.height - 1)) * size_.width;
    const float share = down - float(above);
    float* out = trust.data() + std::ptrdiff_t(y) * cells_.width;
    float before = 0;
    for (int x = 0; x <= size_.width; ++x) {
      const int tile = std::min(x, size_.width - 1);
      const float here = 1 - (upper[tile].doubt + (lower[tile].doubt - upper[tile].doubt) * share);
      if (x == 0) before = here;
      const int first = x * kTile - kTile / 2;
      for (int i = std::max(0, -first); i < kTile && first + i < cells_.width; ++i)
        out[first + i] = before + (here - before) * ((float(i) + 0.5F) / kTile);
      before = here;
    }
  }
}

}  // namespace viba
