#include "media/area_scaler.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr int kOne = 256;  ///< sum of a cell's weights; 255 times that still fits 16 bits

void add_weighted(std::span<const std::uint8_t> from, std::uint16_t weight, std::span<std::uint16_t> to) {
  for (std::size_t x = 0; x < to.size(); ++x) to[x] = static_cast<std::uint16_t>(to[x] + from[x] * weight);
}

/// How much of all that lies before `pixel` belongs to the cell from `begin` to `end`, of `kOne`.
int share_before(double begin, double end, int pixel) {
  return static_cast<int>(std::lround(kOne * std::clamp((pixel - begin) / (end - begin), 0.0, 1.0)));
}

}  // namespace

void AreaScaler::plan(Axis& axis, int from, int to) {
  axis.first.clear();
  axis.weights.clear();
  const double step = static_cast<double>(from) / to;
  // A cell that grows is as wide as a pixel around its own centre, which is bilinear sampling.
  const double width = std::max(step, 1.0);
  const int taps = std::min(static_cast<int>(std::ceil(width)) + 1, from);
  axis.taps = static_cast<std::size_t>(taps);
  for (int i = 0; i < to; ++i) {
    const double begin = std::clamp((i + 0.5) * step - width / 2, 0.0, from - width);
    const int first = std::min(static_cast<int>(begin), from - taps);
    axis.first.push_back(first);
    for (int pixel = first; pixel < first + taps; ++pixel)  // differences, so that rounding leaves the sum whole
      axis.weights.push_back(static_cast<std::uint16_t>(share_before(begin, begin + width, pixel + 1) -
                                                        share_before(begin, begin + width, pixel)));
  }
}

void AreaScaler::scale(ConstPlane from, std::span<float> result) {
  if (from.size != from_) {
    from_ = from.size;
    plan(rows_, from.size.height, to_.height);
    plan(columns_, from.size.width, to_.width);
    row_.resize(static_cast<std::size_t>(from.size.width));
  }
  auto to = result.begin();
  const std::uint16_t* row_weight = rows_.weights.data();
  for (const int first_row : rows_.first) {
    std::ranges::fill(row_, std::uint16_t{0});
    for (int y = first_row; y < first_row + static_cast<int>(rows_.taps); ++y)
      if (const auto weight = *row_weight++; weight > 0) add_weighted({from.row(y), row_.size()}, weight, row_);
    const std::uint16_t* weight = columns_.weights.data();
    for (const int first_column : columns_.first) {
      const std::uint16_t* pixel = row_.data() + first_column;
      std::uint32_t sum = 0;
      for (std::size_t i = 0; i < columns_.taps; ++i) sum += std::uint32_t{*weight++} * *pixel++;
      *to++ = static_cast<float>(sum) / (kOne * kOne);
    }
  }
}

}  // namespace viba
