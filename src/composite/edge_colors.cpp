#include "composite/edge_colors.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr int kMargin = 1;  ///< how far a mean reaches, in cells or blocks
constexpr std::array<int, 3> kTent = {1, 2, 1};
constexpr int kBlock = 4;                 ///< the side of a block in cells
constexpr float kFarWeight = 0.01F / 16;  ///< of a block's 16 cells against those nearby

/// Adds `weight` times the sums. Those of whole cells times the tent's weights fit 32 bits.
template <class Sums, class Number>
void add(Sums& to, const Sums& from, Number weight) {
  to.person += weight * from.person;
  to.person_alpha += weight * from.person_alpha;
  to.person_weight += weight * from.person_weight;
  to.room += weight * from.room;
  to.room_alpha += weight * from.room_alpha;
  to.room_weight += weight * from.room_weight;
}

/// The weighted sum of 3x3 from the upper left one on.
template <class Sums, class Number>
Sums tent_sum(const Sums* corner, int stride) {
  Sums total;
  for (const int down : kTent) {
    Sums row;
    for (std::size_t i = 0; i < kTent.size(); ++i) add(row, corner[i], static_cast<Number>(kTent[i]));
    add(total, row, static_cast<Number>(down));
    corner += stride;
  }
  return total;
}

constexpr Size padded(Size size) { return {size.width + 2 * kMargin, size.height + 2 * kMargin}; }

std::size_t area(Size size) { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height); }

WeightedSums<float> in_floats(const CellSums& sums) {
  return {float(sums.person), float(sums.person_alpha), float(sums.person_weight),
          float(sums.room),   float(sums.room_alpha),   float(sums.room_weight)};
}

struct Colors {
  float person, room;
};

/// A colour of the room and how far it can be trusted, 0..1.
struct Known {
  float color = 0;
  float trust = 0;
};

/// The means are mixtures themselves, each with the mean alpha that belongs to it; solved for both colours.
Colors unmix(const WeightedSums<float>& sums, Known known) {
  constexpr float kLeast = 0.3F;  // of a denominator, so that noise is not enlarged too much
  const float person = sums.person / std::max(sums.person_weight, 1.0F);
  const float room = sums.room / std::max(sums.room_weight, 1.0F);
  // A colour that is nowhere to be seen has no weight; it only has to be one.
  if (sums.person_weight == 0) return {room, std::lerp(room, known.color, known.trust)};
  if (sums.room_weight == 0) return {person, std::lerp(person, known.color, known.trust)};
  const float person_alpha = sums.person_alpha / sums.person_weight / 255;
  const float room_alpha = sums.room_alpha / sums.room_weight / 255;
  const float contrast = (person - room) / std::max(person_alpha - room_alpha, kLeast);
  const float pure_room = std::lerp(std::clamp(room - room_alpha * contrast, 0.0F, 255.0F), known.color, known.trust);
  const float pure_person = person + (1 - person_alpha) / std::max(person_alpha, kLeast) * (person - pure_room);
  return {std::clamp(pure_person, 0.0F, 255.0F), pure_room};
}

/// Bilinear, each of the room's cells counting by how far it is known.
Known room_at(int x, int y, Size plane, RoomPlane room) {
  struct Step {
    int first, second;
    float part;
  };
  const auto step = [](int cell, int pixels, int cells) {
    const float centre = (float(cell) + 0.5F) * kCell / float(pixels) * float(cells) - 0.5F;
    const float place = std::clamp(centre, 0.0F, float(cells - 1));
    const int first = static_cast<int>(place);
    return Step{first, std::min(first + 1, cells - 1), place - float(first)};
  };
  const Step across = step(x, plane.width, room.known.size.width);
  const Step down = step(y, plane.height, room.known.size.height);
  float color = 0;
  float trust = 0;
  const auto add_cell = [&](int column, int row, float part) {
    const float weight = part * float(room.known.row(row)[column]);
    color += weight * float(room.color.row(row)[column]);
    trust += weight;
  };
  add_cell(across.first, down.first, (1 - across.part) * (1 - down.part));
  add_cell(across.second, down.first, across.part * (1 - down.part));
  add_cell(across.first, down.second, (1 - across.part) * down.part);
  add_cell(across.second, down.second, across.part * down.part);
  return {trust > 0 ? color / trust : 0, std::min(trust / 255, 1.0F)};
}

}  // namespace

void EdgeColors::resize(Size size) {
  size_ = size;
  padded_ = padded(size);
  blocks_ = {(size.width + kBlock - 1) / kBlock, (size.height + kBlock - 1) / kBlock};
  padded_blocks_ = padded(blocks_);
  sums_.resize(area(padded_));
  block_sums_.resize(area(padded_blocks_));
  block_means_.resize(area(blocks_));
  person_.reset(size);
  room_.reset(size);
}

void EdgeColors::estimate(ConstPlane picture, ConstPlane alpha, const CellMap& map, RoomPlane room) {
  if (map.size() != size_) resize(map.size());
  sum_up(picture, alpha, map);
  widen();
  for (int y = 0; y < size_.height; ++y)
    for_each_run(map.near_row(y), size_.width, [&](int first, int end, std::uint8_t near) {
      if (near == 0) return;
      for (int x = first; x < end; ++x) {
        const Known known = room.known.data == nullptr ? Known{} : room_at(x, y, picture.size, room);
        const auto [of_person, of_room] = unmix(surroundings(x, y), known);
        person_.at(x, y) = CellGrid::in_steps(of_person);
        room_.at(x, y) = CellGrid::in_steps(of_room);
      }
    });
}

void EdgeColors::sum_up(ConstPlane picture, ConstPlane alpha, const CellMap& map) {
  std::ranges::fill(sums_, CellSums{});
  std::ranges::fill(block_sums_, Wide{});
  for (int y = 0; y < size_.height; ++y)
    for_each_run(map.far_row(y), size_.width, [&](int first, int end, std::uint8_t far) {
      if (far != 0) sum_row(picture, alpha, y, first, end);
    });
}

void EdgeColors::sum_row(ConstPlane picture, ConstPlane alpha, int y, int first, int end) {
  const int rows = std::min(kCell, picture.size.height - y * kCell);
  const int whole = std::min(end, picture.size.width / kCell);
  CellSums* sums = sums_.data() + std::ptrdiff_t{y + kMargin} * padded_.width + kMargin;
  const std::uint8_t* pixels = picture.row(y * kCell);
  const std::uint8_t* alphas = alpha.row(y * kCell);
  const std::ptrdiff_t left = std::ptrdiff_t{first} * kCell;
  sum_cells(pixels + left, picture.stride, alphas + left, alpha.stride, rows, whole - first, sums + first);
  if (whole < end) {
    // The picture's edge cuts the last cell off: its last column is repeated.
    std::array<std::array<std::uint8_t, kCell>, kCell> cut_pixels{};
    std::array<std::array<std::uint8_t, kCell>, kCell> cut_alphas{};
    const int last = picture.size.width - 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i)
      for (std::size_t x = 0; x < kCell; ++x) {
        const int from = std::min(whole * kCell + static_cast<int>(x), last);
        cut_pixels[i][x] = picture.row(y * kCell + static_cast<int>(i))[from];
        cut_alphas[i][x] = alpha.row(y * kCell + static_cast<int>(i))[from];
      }
    sum_cells(cut_pixels[0].data(), kCell, cut_alphas[0].data(), kCell, rows, 1, sums + whole);
  }
  Wide* blocks = block_sums_.data() + std::ptrdiff_t{y / kBlock + kMargin} * padded_blocks_.width + kMargin;
  for (int x = first; x < end; ++x) {
    const CellSums& cell = sums[x];
    add(blocks[x / kBlock], in_floats(cell), 1.0F);
  }
}

void EdgeColors::widen() {
  for (int y = 0; y < blocks_.height; ++y)
    for (int x = 0; x < blocks_.width; ++x)
      block_means_[block_at(x, y)] = tent_sum<Wide, float>(
          block_sums_.data() + std::ptrdiff_t{y} * padded_blocks_.width + x, padded_blocks_.width);
}

EdgeColors::Wide EdgeColors::surroundings(int x, int y) const {
  const auto near =
      tent_sum<CellSums, std::int32_t>(sums_.data() + std::ptrdiff_t{y} * padded_.width + x, padded_.width);
  Wide sums = in_floats(near);
  add(sums, block_means_[block_at(x / kBlock, y / kBlock)], kFarWeight);
  return sums;
}

void EdgeColors::interpolate(int y, int first, int end, std::uint16_t* person, std::uint16_t* room) {
  person_.interpolate(y, first, end, person);
  room_.interpolate(y, first, end, room);
}

}  // namespace viba
