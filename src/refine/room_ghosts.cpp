#include "refine/room_ghosts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace viba {
namespace {

constexpr int kTile = 8;         ///< cells; a byte of a mask's words
constexpr int kAcross = 3;       ///< cells from one side of an outline to the other
constexpr float kMostVote = 30;  ///< levels
constexpr float kMemory = 0.8F;  ///< of votes, from frame to frame
constexpr float kEnough = 150;   ///< levels, of the votes of 3x3 tiles

}  // namespace

void RoomGhosts::forget() { resize(cells_); }

void RoomGhosts::resize(Size cells) {
  const Size size{(cells.width + kTile - 1) / kTile, (cells.height + kTile - 1) / kTile};
  votes_.assign(std::size_t(size.width) * std::size_t(size.height), 0);
  ghosts_.resize(cells);
  outline_.resize(cells);
  size_ = size;
  cells_ = cells;
}

void RoomGhosts::vote(const CoarsePicture& picture, const RoomCells& room, int x, int y, const BitMask& agrees) {
  constexpr std::array<std::array<int, 2>, 4> kWays{{{kAcross, 0}, {-kAcross, 0}, {0, kAcross}, {0, -kAcross}}};
  const auto at = [&](int column, int row) {
    return std::size_t(row) * std::size_t(cells_.width) + std::size_t(column);
  };
  const std::size_t here = at(x, y);
  for (const auto& [right, down] : kWays) {
    const int u = x + right, v = y + down;
    if (u < 0 || v < 0 || u >= cells_.width || v >= cells_.height || !agrees.test(u, v)) continue;
    const std::size_t there = at(u, v);
    const auto edge = [&](const auto& plane) { return std::abs(float(plane[here]) - float(plane[there])); };
    const float known = (edge(room.y) + edge(room.u) + edge(room.v)) / 128;
    const float seen = edge(picture.y) + edge(picture.u) + edge(picture.v);
    votes_[std::size_t(y / kTile) * std::size_t(size_.width) + std::size_t(x / kTile)] +=
        std::clamp(known - 2 * seen, -kMostVote, kMostVote);
  }
}

float RoomGhosts::votes_around(int x, int y) const {
  float sum = 0;
  for (int v = std::max(0, y - 1); v <= std::min(size_.height - 1, y + 1); ++v)
    for (int u = std::max(0, x - 1); u <= std::min(size_.width - 1, x + 1); ++u)
      sum += votes_[std::size_t(v) * std::size_t(size_.width) + std::size_t(u)];
  return sum;
}

void RoomGhosts::mark(const BitMask& differs) {
  for (int tile_row = 0; tile_row < size_.height; ++tile_row) {
    const int top = tile_row * kTile, bottom = std::min(top + kTile, cells_.height);
    for (std::size_t w = 0; w < ghosts_.row(0).size(); ++w) {
      std::uint64_t any = 0, ghosts = 0;
      for (int y = top; y < bottom; ++y) any |= differs.row(y)[w];
      for (int i = 0; i < kTile; ++i)
        if (const std::uint64_t tile = std::uint64_t{0xff} << (i * kTile);
            (any & tile) != 0 && votes_around(static_cast<int>(w) * kTile + i, tile_row) > kEnough)
          ghosts |= tile;
      for (int y = top; y < bottom; ++y) ghosts_.row(y)[w] = ghosts & differs.row(y)[w];
    }
  }
}

void RoomGhosts::look(const CoarsePicture& picture, const RoomCells& room, const BitMask& differs,
                      const BitMask& agrees) {
  for (auto& votes : votes_) votes *= kMemory;
  outline_ = agrees;
  outline_.dilate(kAcross);
  outline_ &= differs;
  for (int y = 0; y < cells_.height; ++y) {
    const auto words = outline_.row(y);
    for (std::size_t w = 0; w < words.size(); ++w)
      for (auto word = words[w]; word != 0; word &= word - 1)
        vote(picture, room, static_cast<int>(w) * 64 + std::countr_zero(word), y, agrees);
  }
  mark(differs);
}

}  // namespace viba
