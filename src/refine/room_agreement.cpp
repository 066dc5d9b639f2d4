#include "refine/room_agreement.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "refine/room_kernels.h"

namespace viba {
namespace {

constexpr int kTile = kRoomTile;
constexpr int kAround = 2;                            ///< tiles to each side that count
constexpr float kPrior = 24;                          ///< cells in agreement that are supposed to have been seen
constexpr int kWhole = 10, kExcused = 3;              ///< weight of a cell that disagrees, and of what may be a person
constexpr float kTolerated = 0.15F, kTooMuch = 0.4F;  ///< shares of disagreement at which doubt begins, and is full
constexpr float kRecovery = 1 / 180.0F;               ///< of doubt, in 1/60 s

/// How many bits each of the eight bytes has, in that byte.
std::uint64_t bits_of_bytes(std::uint64_t word) {
  word -= word >> 1 & 0x5555555555555555U;
  word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
  return (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU;
}

}  // namespace

void RoomAgreement::forget() { std::ranges::fill(doubts_, 0.0F); }

void RoomAgreement::prepare(Size cells) {
  if (cells == cells_) return;
  const Size size{(cells.width + kTile - 1) / kTile, (cells.height + kTile - 1) / kTile};
  const auto tiles = std::size_t(size.width) * std::size_t(size.height);
  tiles_.assign(tiles, {});
  across_.assign(tiles, {});
  doubts_.assign(tiles, 0);
  nodes_.resize(std::size_t(size.width) + 2);
  size_ = size;
  cells_ = cells;
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
        const auto byte = [&](std::uint64_t sums) { return static_cast<int>(sums >> (i * 8) & 0xff); };
        tiles[i] = {byte(seen), kWhole * byte(against) + kExcused * byte(weak)};
      }
    }
}

void RoomAgreement::sum_around() {
  for (int y = 0; y < size_.height; ++y) {
    const Tile* row = tiles_.data() + std::ptrdiff_t(y) * size_.width;
    Tile sum;
    const auto add = [&](int x, int sign) {
      if (x < 0 || x >= size_.width) return;
      sum.seen += sign * row[x].seen;
      sum.against += sign * row[x].against;
    };
    for (int x = 0; x < kAround; ++x) add(x, 1);
    for (int x = 0; x < size_.width; ++x) {
      add(x + kAround, 1);
      add(x - kAround - 1, -1);
      across_[std::size_t(y) * std::size_t(size_.width) + std::size_t(x)] = sum;
    }
  }
}

void RoomAgreement::look(const BitMask& reliable, const BitMask& disagrees, const BitMask& excused, int beats) {
  prepare(reliable.size());
  count(reliable, disagrees, excused);
  sum_around();
  const float recovery = kRecovery * static_cast<float>(beats);
  for (int y = 0; y < size_.height; ++y)
    for (int x = 0; x < size_.width; ++x) {
      Tile sum;
      for (int v = std::max(0, y - kAround); v <= std::min(size_.height - 1, y + kAround); ++v) {
        const Tile& five = across_[std::size_t(v) * std::size_t(size_.width) + std::size_t(x)];
        sum.seen += five.seen;
        sum.against += five.against;
      }
      const float share = static_cast<float>(sum.against) / kWhole / (kPrior + static_cast<float>(sum.seen));
      float& doubt = doubts_[std::size_t(y) * std::size_t(size_.width) + std::size_t(x)];
      doubt = std::max(std::clamp((share - kTolerated) / (kTooMuch - kTolerated), 0.0F, 1.0F), doubt - recovery);
    }
}

void RoomAgreement::fill(float share, std::vector<float>& trust) {
  const auto tiles = static_cast<std::size_t>(size_.width);
  for (int y = 0; y < cells_.height; ++y) {
    const float down = std::clamp((float(y) + 0.5F) / kTile - 0.5F, 0.0F, float(size_.height - 1));
    const int above = static_cast<int>(down);
    const float* upper = doubts_.data() + std::ptrdiff_t(above) * size_.width;
    const float* lower = doubts_.data() + std::ptrdiff_t(std::min(above + 1, size_.height - 1)) * size_.width;
    const float part = down - float(above);
    for (std::size_t x = 0; x < tiles; ++x) nodes_[x + 1] = share * (1 - (upper[x] + (lower[x] - upper[x]) * part));
    nodes_[0] = nodes_[1];
    nodes_[tiles + 1] = nodes_[tiles];
    enlarge_row(nodes_.data(), trust.data() + std::ptrdiff_t(y) * cells_.width, cells_.width);
  }
}

}  // namespace viba
