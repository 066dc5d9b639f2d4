#include "refine/matte_placer.h"

#include <algorithm>
#include <cmath>

#include "refine/place_kernels.h"

namespace viba {
namespace {

constexpr double kFade = 4;  ///< cells over which the matte fades out at the border of a crop

/// How much of all that lies before `cell` belongs to the stretch from `begin` to `end`.
double share_before(double begin, double end, int cell) { return std::clamp((cell - begin) / (end - begin), 0.0, 1.0); }

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
  const auto planned = static_cast<std::size_t>(std::max(0, axis.end - axis.begin));
  axis.first.resize(planned);
  axis.weights.resize(planned * axis.taps);
  for (int i = axis.begin; i < axis.end; ++i) {
    const double middle = (i + 0.5) * cell;
    const double begin = std::clamp((middle - area.begin) / cell * step - width / 2, 0.0, sources - width);
    const int first = std::min(static_cast<int>(begin), sources - taps);
    const double before = area.begin > 0 ? (middle - area.begin) / cell : kFade;
    const double after = area_end < pixels ? (area_end - middle) / cell : kFade;
    const double shown = std::clamp(std::min(before, after) / kFade, 0.0, 1.0);
    const auto index = static_cast<std::size_t>(i - axis.begin);
    axis.first[index] = first;
    for (std::size_t tap = 0; tap < axis.taps; ++tap) {
      const int source = first + static_cast<int>(tap);
      axis.weights[tap * planned + index] = static_cast<float>(
          shown * (share_before(begin, begin + width, source + 1) - share_before(begin, begin + width, source)));
    }
  }
}

void MattePlacer::plan(Size frame, const Rect& area, Size sources) {
  if (frame == frame_ && area == area_ && sources == sources_) return;
  const Size grid = coarse_size(frame);
  frame_ = {};  // until all is planned, so that what fails halfway is planned anew
  plan(columns_, grid.width, frame.width, {area.x, area.size.width}, sources.width);
  plan(rows_, grid.height, frame.height, {area.y, area.size.height}, sources.height);
  moved_.resize(cells_of(sources));
  row_.resize(static_cast<std::size_t>(sources.width) + place::kMargin);
  row_weights_.resize(rows_.taps);
  area_ = area;
  sources_ = sources;
  frame_ = frame;
}

void MattePlacer::weigh_row(int row, int width) {
  for (std::size_t tap = 0; tap < rows_.taps; ++tap)
    row_weights_[tap] = rows_.weights[tap * rows_.first.size() + static_cast<std::size_t>(row)];
  const float* source = moved_.data() + std::ptrdiff_t{rows_.first[static_cast<std::size_t>(row)]} * width;
  place::weigh_rows(source, width, row_weights_.data(), rows_.taps, row_.data());
}

void MattePlacer::run(const Confidence& confidence, float threshold, Size frame, CoarseMatte& matte) {
  const Size grid = coarse_size(frame);
  plan(frame, confidence.area.value_or(Rect{0, 0, frame}), confidence.size);
  place::move(confidence.values.data(), threshold, confidence.values.size(), moved_.data());
  const place::Columns columns{columns_.first.data(), columns_.weights.data(), columns_.taps,
                               static_cast<int>(columns_.first.size())};
  matte.resize(cells_of(grid));
  float* to = matte.data();
  for (int y = 0; y < grid.height; ++y, to += grid.width) {
    const bool shown = y >= rows_.begin && y < rows_.end;
    std::fill(to, to + (shown ? std::min(columns_.begin, grid.width) : grid.width), 0.0F);
    if (!shown) continue;
    weigh_row(y - rows_.begin, confidence.size.width);
    place::weigh_columns(row_.data(), columns, to + columns_.begin);
    std::fill(to + std::max(columns_.begin, columns_.end), to + grid.width, 0.0F);
  }
}

}  // namespace viba
