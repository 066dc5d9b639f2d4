#include "media/components.h"

#include <algorithm>

namespace viba {

void Components::make_room(Size size) {
  const auto cells = std::size_t(size.width) * std::size_t(size.height);
  // No more than one cell of each 2x2 can be the first of a component.
  const auto most = std::size_t((size.width + 1) / 2) * std::size_t((size.height + 1) / 2);
  labels_.resize(cells);
  parents_.clear();
  parents_.reserve(most);
  all_.clear();
  all_.reserve(most);
}

std::int32_t Components::root_of(std::int32_t label) {
  auto parent = [&](std::int32_t of) -> std::int32_t& { return parents_[std::size_t(of)]; };
  while (parent(label) != label) label = parent(label) = parent(parent(label));
  return label;
}

std::int32_t Components::joined(std::int32_t one, std::int32_t other) {
  if (one == kNone || one == other) return other;
  if (other == kNone) return one;
  const std::int32_t root = root_of(one);
  return parents_[std::size_t(root_of(other))] = root;
}

void Components::join_neighbours(std::span<const float> values, Size size, float threshold) {
  const auto width = std::size_t(size.width);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    std::int32_t label = kNone;
    if (values[i] > threshold) {
      const std::size_t x = i % width;
      if (x > 0) label = labels_[i - 1];
      if (i >= width) {
        if (x > 0) label = joined(label, labels_[i - width - 1]);
        label = joined(label, labels_[i - width]);
        if (x + 1 < width) label = joined(label, labels_[i - width + 1]);
      }
      if (label == kNone) parents_.push_back(label = std::int32_t(parents_.size()));
    }
    labels_[i] = label;
  }
}

void Components::gather(Size size) {
  indices_.assign(parents_.size(), kNone);
  for (int y = 0, i = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x, ++i) {
      std::int32_t& label = labels_[std::size_t(i)];
      if (label == kNone) continue;
      std::int32_t& index = indices_[std::size_t(root_of(label))];
      if (index == kNone) {
        index = std::int32_t(all_.size());
        all_.push_back({.box = {x, y, {1, 1}}});
      }
      label = index;
      Component& component = all_[std::size_t(index)];
      Rect& box = component.box;
      const int right = std::max(box.x + box.size.width, x + 1);
      box.x = std::min(box.x, x);
      box.size = {right - box.x, y + 1 - box.y};
      component.cells++;
      component.x += x + 0.5;
      component.y += y + 0.5;
    }
  for (Component& component : all_) {
    component.x /= component.cells;
    component.y /= component.cells;
  }
}

void Components::find(std::span<const float> values, Size size, float threshold) {
  make_room(size);
  join_neighbours(values, size, threshold);
  indices_.reserve(parents_.capacity());
  gather(size);
}

}  // namespace viba
