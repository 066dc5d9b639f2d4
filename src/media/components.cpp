#include "media/components.h"

#include <algorithm>
#include <cstring>

namespace viba {
namespace {

/// The first place from `from` on where a row holds `value`, or its end.
int find(const std::vector<std::uint8_t>& row, int from, std::uint8_t value) {
  const auto* found = static_cast<const std::uint8_t*>(
      std::memchr(row.data() + from, value, row.size() - static_cast<std::size_t>(from)));
  return static_cast<int>(found != nullptr ? found - row.data() : std::ssize(row));
}

}  // namespace

void Components::make_room(Size size) {
  const auto width = std::size_t(size.width);
  const auto height = std::size_t(size.height);
  labels_.assign(width * height, kNone);
  over_.resize(width);
  const auto most = (width + 1) / 2 * height;
  runs_.clear();
  runs_.reserve(most);
  indices_.reserve(most);
  all_.clear();
  // No more than one cell of each 2x2 can be the first of a component.
  all_.reserve((width + 1) / 2 * ((height + 1) / 2));
}

void Components::find_runs(std::span<const float> row, int y, float threshold) {
  std::ranges::transform(row, over_.begin(), [=](float value) { return std::uint8_t(value > threshold); });
  const int width = static_cast<int>(row.size());
  for (int end = 0; end < width;) {
    const int begin = viba::find(over_, end, 1);
    if (begin == width) return;
    end = viba::find(over_, begin, 0);
    runs_.push_back({y, begin, end, std::int32_t(runs_.size())});
  }
}

std::int32_t Components::root_of(std::int32_t run) {
  auto parent = [&](std::int32_t of) -> std::int32_t& { return runs_[std::size_t(of)].parent; };
  while (parent(run) != run) run = parent(run) = parent(parent(run));
  return run;
}

/// Joins the runs from `first` on with those of the row above, which begin at `above`. What lies diagonally touches.
void Components::join_rows(std::size_t above, std::size_t first) {
  std::size_t upper = above;
  for (std::size_t i = first; i < runs_.size(); ++i) {
    const Run run = runs_[i];
    while (upper < first && runs_[upper].end < run.begin) ++upper;
    // The last one may touch the next run, too.
    for (std::size_t other = upper; other < first && runs_[other].begin <= run.end; ++other)
      runs_[std::size_t(root_of(std::int32_t(i)))].parent = root_of(std::int32_t(other));
  }
}

void Components::gather(Size size) {
  indices_.assign(runs_.size(), kNone);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    std::int32_t& index = indices_[std::size_t(root_of(std::int32_t(i)))];
    if (index == kNone) {
      index = std::int32_t(all_.size());
      all_.push_back({.box = {run.begin, run.y, {0, 0}}});
    }
    std::fill_n(labels_.begin() + std::ptrdiff_t{run.y} * size.width + run.begin, run.end - run.begin, index);
    Component& component = all_[std::size_t(index)];
    Rect& box = component.box;
    const int right = std::max(box.x + box.size.width, run.end);
    box.x = std::min(box.x, run.begin);
    box.size = {right - box.x, run.y + 1 - box.y};
    const int cells = run.end - run.begin;
    component.cells += cells;
    component.x += cells * (run.begin + run.end) / 2.0;
    component.y += cells * (run.y + 0.5);
  }
  for (Component& component : all_) {
    component.x /= component.cells;
    component.y /= component.cells;
  }
}

void Components::find(std::span<const float> values, Size size, float threshold) {
  make_room(size);
  const auto width = std::size_t(size.width);
  std::size_t above = 0;
  for (int y = 0; y < size.height; ++y) {
    const std::size_t first = runs_.size();
    find_runs(values.subspan(std::size_t(y) * width, width), y, threshold);
    join_rows(above, first);
    above = first;
  }
  gather(size);
}

}  // namespace viba
