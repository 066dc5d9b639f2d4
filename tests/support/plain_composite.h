#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "composite/blur_kernels.h"
#include "composite/edge_kernels.h"

/// Kernels of `composite` as plain loops.
namespace viba::plain {

inline void blend_row(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha,
                      std::uint8_t* out, int width) {
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint8_t>((person[x] * alpha[x] + behind[x] * (255 - alpha[x]) + 127) / 255);
}

inline void box_row(const std::uint16_t* in, std::uint16_t* out, int count, int window) {
  for (int i = 0; i < kChannels * count; ++i) {
    std::uint32_t sum = 0;
    for (int cell = 0; cell < window; ++cell) sum += in[i + kChannels * cell];
    out[i] = static_cast<std::uint16_t>((sum * static_cast<std::uint32_t>(65536 / window) + (1U << 15)) >> 16);
  }
}

inline CellKind kind_of(const std::uint8_t* alpha, int stride, int rows) {
  bool any = false;
  bool all = true;
  for (int i = 0; i < kCell * rows; ++i) {
    const std::uint8_t a = alpha[i / kCell * stride + i % kCell];
    any = any || a != 0;
    all = all && a == 255;
  }
  return !any ? CellKind::kBehind : all ? CellKind::kPerson : CellKind::kEdge;
}

inline void sum_cells(const CellPixels& pixels, int count, std::int32_t* sums, std::ptrdiff_t pitch) {
  for (int cell = 0; cell < count; ++cell) {
    for (std::size_t i = 0; i < kCellSums; ++i) sums[std::ptrdiff_t(i) * pitch + cell] = 0;
    for (int i = 0; i < kCell * pixels.rows; ++i) {
      const int x = cell * kCell + i % kCell;
      const int pixel = pixels.picture[i / kCell * pixels.picture_stride + x];
      const int a = pixels.alpha[i / kCell * pixels.alpha_stride + x];
      const int of_person = a * a / 256;
      const int of_room = (255 - a) * (255 - a) / 256;
      sums[kOfPerson * pitch + cell] += pixel * of_person;
      sums[kPersonAlpha * pitch + cell] += a * of_person;
      sums[kPersonWeight * pitch + cell] += of_person;
      sums[kOfRoom * pitch + cell] += pixel * of_room;
      sums[kRoomAlpha * pitch + cell] += a * of_room;
      sums[kRoomWeight * pitch + cell] += of_room;
    }
  }
}

inline void add_up_cells(const std::uint8_t* pixels, int stride, int rows, int count, std::int32_t* sums) {
  for (int cell = 0; cell < count; ++cell) {
    sums[cell] = 0;
    for (int i = 0; i < kCell * rows; ++i) sums[cell] += pixels[i / kCell * stride + cell * kCell + i % kCell];
  }
}

struct Colors {
  double person, room;
};

inline Colors unmix(const std::array<double, kCellSums>& sums, double known, double trust) {
  constexpr double kLeast = 0.3;
  const double person = sums[kOfPerson] / std::max(sums[kPersonWeight], 1.0);
  const double room = sums[kOfRoom] / std::max(sums[kRoomWeight], 1.0);
  if (sums[kPersonWeight] == 0) return {room, std::lerp(room, known, trust)};
  if (sums[kRoomWeight] == 0) return {person, std::lerp(person, known, trust)};
  const double person_alpha = sums[kPersonAlpha] / sums[kPersonWeight] / 255;
  const double room_alpha = sums[kRoomAlpha] / sums[kRoomWeight] / 255;
  const double contrast = (person - room) / std::max(person_alpha - room_alpha, kLeast);
  const double pure_room = std::lerp(std::clamp(room - room_alpha * contrast, 0.0, 255.0), known, trust);
  const double pure_person = person + (1 - person_alpha) / std::max(person_alpha, kLeast) * (person - pure_room);
  return {std::clamp(pure_person, 0.0, 255.0), pure_room};
}

inline void unmix_cells(const Surroundings& around, int count, std::uint16_t* person, std::uint16_t* room) {
  constexpr std::array kTent{1, 2, 1};
  for (int x = 0; x < count; ++x) {
    std::array<double, kCellSums> sums{};
    for (std::size_t i = 0; i < kCellSums; ++i) {
      const std::ptrdiff_t at = std::ptrdiff_t(i) * around.pitch + x;
      sums[i] = around.far[at];
      for (std::size_t down = 0; down < 3; ++down)
        for (std::size_t across = 0; across < 3; ++across)
          sums[i] += kTent[down] * kTent[across] * around.sums[down][at + std::ptrdiff_t(across) - 1];
    }
    const Colors colors = unmix(sums, around.room_color[x], around.room_trust[x]);
    person[x] = static_cast<std::uint16_t>(colors.person * 16 + 0.5);
    room[x] = static_cast<std::uint16_t>(colors.room * 16 + 0.5);
  }
}

/// The value at a pixel, first between rows of cells, then between columns.
inline int between(const CellRows& rows, int x, int y) {
  const int down = 2 * y - (kCell - 1);
  const int across = 2 * (x % kCell) - (kCell - 1);
  const std::uint16_t* other = down < 0 ? rows.above : rows.below;
  const auto mixed = [&](int cell) {
    return ((16 - std::abs(down)) * rows.here[cell] + std::abs(down) * other[cell] + 8) / 16;
  };
  const int cell = x / kCell;
  const int neighbour = cell + (across < 0 ? -1 : 1);
  return ((16 - std::abs(across)) * mixed(cell) + std::abs(across) * mixed(neighbour) + 8) / 16;
}

inline std::uint8_t blend_edge(int picture, int behind, int alpha, int person, int room,
                               const EdgeVariances& variances) {
  const int rest = 255 - alpha;
  const int surprise = picture * 255 * 16 - alpha * person - rest * room;
  const int believed = alpha * variances.person;
  const int noise = 255 * variances.noise + (((person - room) * (person - room)) >> 6);
  const float gain =
      static_cast<float>(believed) / static_cast<float>(alpha * believed + rest * (rest * variances.room + noise));
  const float step = gain * static_cast<float>(surprise);
  const int own = std::clamp(person + static_cast<int>(std::nearbyint(step)), 0, 255 * 16);
  const int sum = ((alpha * own + rest * behind * 16 + 8) >> 4) + 128;
  return static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);
}

inline void blend_edge_cells(const EdgeCells& cells, const EdgeVariances& variances) {
  const CellPixels& pixels = cells.pixels;
  for (int y = 0; y < pixels.rows; ++y)
    for (int x = 0; x < cells.width; ++x)
      cells.out[y * cells.out_stride + x] =
          blend_edge(pixels.picture[y * pixels.picture_stride + x], cells.behind[y * cells.behind_stride + x],
                     pixels.alpha[y * pixels.alpha_stride + x], between(cells.person_near, x, y),
                     between(cells.room_near, x, y), variances);
}

inline void light_cells(const LitCells& cells) {
  for (int y = 0; y < cells.rows; ++y)
    for (int x = 0; x < cells.width; ++x) {
      std::uint8_t& out = cells.out[y * cells.out_stride + x];
      const int alpha = cells.alpha[y * cells.alpha_stride + x];
      const int lit =
          alpha * between(cells.light, x, y) + (255 - alpha) * cells.behind[y * cells.behind_stride + x] * 16;
      const float part = static_cast<float>(between(cells.share, x, y)) * (1.0F / (255 * 16) / (255 * 16));
      const float step = static_cast<float>(lit - out * 255 * 16) * part;
      out = static_cast<std::uint8_t>(out + static_cast<int>(std::nearbyint(step)));
    }
}

}  // namespace viba::plain
