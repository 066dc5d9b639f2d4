#include "composite/known_room.h"

#include <algorithm>

#include "composite/edge_kernels.h"

namespace viba {

void KnownRoom::plan(std::vector<Step>& steps, int pixels, int cells, int room) {
  steps.clear();
  for (int cell = 0; cell < cells; ++cell) {
    const float centre = (float(cell) + 0.5F) * kCell / float(pixels) * float(room) - 0.5F;
    const float place = std::clamp(centre, 0.0F, float(room - 1));
    const int first = static_cast<int>(place);
    steps.push_back({first, std::min(first + 1, room - 1), place - float(first)});
  }
}

void KnownRoom::look(const RoomPlane& room, Size plane, Size cells) {
  room_ = room;
  if (plane == plane_ && cells == cells_ && room.known.size == known_) return;
  plane_ = {};
  color_.assign(static_cast<std::size_t>(cells.width) + kMostLanes, 0);
  trust_.assign(color_.size(), 0);
  if (room.known.data != nullptr) {
    plan(columns_, plane.width, cells.width, room.known.size.width);
    plan(rows_, plane.height, cells.height, room.known.size.height);
  }
  cells_ = cells;
  known_ = room.known.size;
  plane_ = plane;
}

void KnownRoom::fill(int y, int first, int end) {
  if (room_.known.data == nullptr) return;
  const Step down = rows_[static_cast<std::size_t>(y)];
  const auto mixed_at = [&](const Step& across, int x) {
    float color = 0;
    float trust = 0;
    const auto add = [&](int column, int row, float part) {
      const float weight = part * float(room_.known.row(row)[column]);
      color += weight * float(room_.color.row(row)[column]);
      trust += weight;
    };
    add(across.first, down.first, (1 - across.part) * (1 - down.part));
    add(across.second, down.first, across.part * (1 - down.part));
    add(across.first, down.second, (1 - across.part) * down.part);
    add(across.second, down.second, across.part * down.part);
    color_[static_cast<std::size_t>(x)] = trust > 0 ? color / trust : 0;
    trust_[static_cast<std::size_t>(x)] = std::min(trust / 255, 1.0F);
  };
  for (int x = first; x < end; ++x) mixed_at(columns_[static_cast<std::size_t>(x)], x);
}

}  // namespace viba
