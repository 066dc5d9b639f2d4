#include "refine/matte_placer.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr double kFade = 4;  ///< cells over which the matte fades out at the border of a crop

/// The shift of the log odds that takes `threshold` to one half, without a logarithm.
float moved(float confidence, float threshold) {
  const float person = confidence * (1 - threshold);
  const float room = (1 - confidence) * threshold;
  return person > 0 ? person / (person + room) : 0;
}

/// How much of all that lies before `cell` belongs to the stretch from `begin` to `end`.
double share_before(double begin, double end, int cell) { return std::clamp((cell - begin) / (end - begin), 0.0, 1.0); }

void add_weighted(const float* from, float weight, std::vector<float>& to) {
  for (std::size_t x = 0; x < to.size(); ++x) to[x] += from[x] * weight;
}

}  // namespace

void MattePlacer::plan(Axis& axis, int cells, int pixels, Span area, int sources) {
  const double cell = double(pixels) / cells;
  const double area_end = area.begin + area.length;
  const double step = cell * sources / area.length;
  const double width = std::clamp(step, 1.0, double(sources));
  const int taps = std::min(static_cast<int>(std::ceil(width)) + 1, sources);
  axis.taps = static_cast<std::size_t>(taps);
  axis.begin = std::max(0, static_cast<int>(area.begin / cell));
  axis.end = std::min(cells, static_cast<int>(std::ceil(area_end / cell)));
  axis.first.clear();
  axis.weights.clear();
  for (int i = axis.begin; i < axis.end; ++i) {
    const double middle = (i + 0.5) * cell;
    const double begin = std::clamp((middle - area.begin) / cell * step - width / 2, 0.0, sources - width);
    const int first = std::min(static_cast<int>(begin), sources - taps);
    const double before = area.begin > 0 ? (middle - area.begin) / cell : kFade;
    const double after = area_end < pixels ? (area_end - middle) / cell : kFade;
    const double shown = std::clamp(std::min(before, after) / kFade, 0.0, 1.0);
    axis.first.push_back(first);
    for (int source = first; source < first + taps; ++source)
      axis.weights.push_back(static_cast<float>(
          shown * (share_before(begin, begin + width, source + 1) - share_before(begin, begin + width, source))));
  }
}

void MattePlacer::run(const Confidence& confidence, float threshold, Size frame, CoarseMatte& matte) {
  const Size grid = coarse_size(frame);
  const Rect area = confidence.area.value_or(Rect{0, 0, frame});
  plan(columns_, grid.width, frame.width, {area.x, area.size.width}, confidence.size.width);
  plan(rows_, grid.height, frame.height, {area.y, area.size.height}, confidence.size.height);
  moved_.resize(confidence.values.size());
  std::ranges::transform(confidence.values, moved_.begin(), [=](float value) { return moved(value, threshold); });
  matte.assign(cells_of(grid), 0);
  const float* row_weight = rows_.weights.data();
  for (int y = rows_.begin; y < rows_.end; ++y) {
    const float* source =
        moved_.data() + std::ptrdiff_t{rows_.first[std::size_t(y - rows_.begin)]} * confidence.size.width;
    row_.assign(static_cast<std::size_t>(confidence.size.width), 0);
    for (std::size_t i = 0; i < rows_.taps; ++i, source += confidence.size.width)
      if (const float weight = *row_weight++; weight > 0) add_weighted(source, weight, row_);
    const float* weight = columns_.weights.data();
    float* to = matte.data() + std::ptrdiff_t{y} * grid.width + columns_.begin;
    for (const int first : columns_.first) {
      const float* value = row_.data() + first;
      float sum = 0;
      for (std::size_t i = 0; i < columns_.taps; ++i) sum += *weight++ * *value++;
      *to++ = std::min(sum, 1.0F);
    }
  }
}

}  // namespace viba
