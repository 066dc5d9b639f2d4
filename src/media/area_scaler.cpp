#include "media/area_scaler.h"

#include <algorithm>
#include <cmath>

#include "media/area_kernels.h"

namespace viba {
namespace {

/// How much of all that lies before `pixel` belongs to a cell that begins at `begin`, of `kOne`; `share` is a pixel's.
int share_before(double begin, double share, int pixel) {
  return static_cast<int>(std::clamp((pixel - begin) * share, 0.0, double{area::kOne}) + 0.5);
}

}  // namespace

template <class Weight>
void AreaScaler::plan(Axis<Weight>& axis, int from, int to, int round_up_to) {
  const double step = static_cast<double>(from) / to;
  // A cell that grows is as wide as a pixel around its own centre, which is bilinear sampling.
  const double width = std::max(step, 1.0);
  const double share = area::kOne / width;
  const int taps = std::min(static_cast<int>(std::ceil(width)) + 1, from);
  axis.taps = (taps + round_up_to - 1) / round_up_to * round_up_to;
  axis.first.clear();
  axis.weights.assign(static_cast<std::size_t>(axis.taps) * static_cast<std::size_t>(to), 0);
  for (int i = 0; i < to; ++i) {
    const double begin = std::clamp((i + 0.5) * step - width / 2, 0.0, from - width);
    const int first = std::min(static_cast<int>(begin), from - taps);
    axis.first.push_back(first);
    Weight* weight = axis.weights.data() + std::ptrdiff_t{i} * axis.taps;
    int before = share_before(begin, share, first);
    for (int pixel = first; pixel < first + taps; ++pixel) {  // differences, so that rounding leaves the sum whole
      const int so_far = share_before(begin, share, pixel + 1);
      *weight++ = static_cast<Weight>(so_far - before);
      before = so_far;
    }
  }
}

void AreaScaler::plan(Size from) {
  from_ = {};
  plan(rows_, from.height, to_.height, 1);
  plan(columns_, from.width, to_.width, area::kTapsAtOnce);
  sums_.resize(static_cast<std::size_t>(from.width) + area::kTapsAtOnce);
  from_ = from;
}

void AreaScaler::scale_row(ConstPlane from, int y, std::span<float> result) {
  if (from.size != from_) plan(from.size);
  area::sum_rows(from.row(rows_.first[static_cast<std::size_t>(y)]), from.stride,
                 rows_.weights.data() + std::ptrdiff_t{y} * rows_.taps, rows_.taps, from.size.width, sums_.data());
  area::mean_of_columns(sums_.data(), {columns_.first.data(), columns_.weights.data(), columns_.taps}, to_.width,
                        result.data());
}

void AreaScaler::scale(ConstPlane from, std::span<float> result) {
  const auto width = static_cast<std::size_t>(to_.width);
  for (int y = 0; y < to_.height; ++y) scale_row(from, y, result.subspan(static_cast<std::size_t>(y) * width, width));
}

}  // namespace viba
