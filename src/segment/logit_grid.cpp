#include "segment/logit_grid.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr int kPixelsPerCell = 4;

float between(float first, float second, float share) { return first + (second - first) * share; }

}  // namespace

std::vector<LogitGrid::Tap> LogitGrid::plan(int input, int logits) {
  const int cells = (input + kPixelsPerCell - 1) / kPixelsPerCell;
  const double stride = logits > 1 ? static_cast<double>(input - 1) / (logits - 1) : 1;
  const double last = logits - 1;
  std::vector<Tap> taps;
  for (int cell = 0; cell < cells; ++cell) {
    const double pixel = (cell + 0.5) * input / cells - 0.5;
    const double place = std::clamp(pixel / stride, 0.0, last);
    const double first = std::min(std::floor(place), std::max(last - 1, 0.0));
    const auto index = static_cast<std::size_t>(first);
    taps.push_back(
        {index, std::min(index + 1, static_cast<std::size_t>(logits - 1)), static_cast<float>(place - first)});
  }
  return taps;
}

LogitGrid::LogitGrid(Size input, Size logits)
    : rows_(plan(input.height, logits.height)),
      columns_(plan(input.width, logits.width)),
      row_(static_cast<std::size_t>(logits.width)) {}

void LogitGrid::fill(std::span<const float> logits, std::span<float> confidences) {
  auto to = confidences.begin();
  for (const Tap& row : rows_) {
    const auto first = logits.subspan(row.first * row_.size(), row_.size());
    const auto second = logits.subspan(row.second * row_.size(), row_.size());
    for (std::size_t x = 0; x < row_.size(); ++x) row_[x] = between(first[x], second[x], row.share);
    for (const Tap& column : columns_)
      *to++ = 1 / (1 + std::exp(-between(row_[column.first], row_[column.second], column.share)));
  }
}

}  // namespace viba
