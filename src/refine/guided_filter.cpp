#include "refine/guided_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace viba {
namespace {

using guided::Coefficient;
using guided::kAdded;
using guided::kBlock;
using guided::kCoefficients;
using guided::kGuides;
using guided::kMoments;
using guided::kMostLanes;
using guided::kOfEach;
using guided::kOfU;
using guided::kOfV;
using guided::kOfY;
using guided::kRadius;
using guided::kWindow;
static_assert(kBlock == EdgeBlocks::kWidth);
static_assert(EdgeBlocks::kReach > 2 * kRadius, "coefficients and the space between cells reach that far");

/// Cells beside those of a pixel that it may need: the next one, for chroma's sample next to it in pictures that have
/// no more pixels than cells.
constexpr int kNeighbours = 4;

/// The rows of the window around `row`, those beyond the border being the outermost once more.
std::array<const float*, kWindow> window_of(const float* newest, std::ptrdiff_t group, int row, int rows) {
  std::array<const float*, kWindow> result{};
  for (int i = 0; i < kWindow; ++i)
    result[std::size_t(i)] = newest + std::clamp(row + i - kRadius, 0, rows - 1) % kWindow * group;
  return result;
}

/// Repeats the outermost cells of a row beyond its ends, as far as windows and vectors may read.
void repeat_ends(float* row, int width, std::ptrdiff_t pitch) {
  std::fill(row - kBlock, row, row[0]);
  std::fill(row + width, row + pitch - kBlock, row[width - 1]);
}

}  // namespace

void GuidedFilter::plan(Axis& axis, int samples, int cells) {
  axis.cell.resize(static_cast<std::size_t>(samples));
  axis.part.resize(static_cast<std::size_t>(samples));
  axis.dense = samples >= cells;
  for (int i = 0; i < samples; ++i) {
    const double position = std::clamp((i + 0.5) * cells / samples - 0.5, 0.0, double(cells - 1));
    const int cell = static_cast<int>(position);
    axis.cell[std::size_t(i)] = cell;
    axis.part[std::size_t(i)] = static_cast<float>(position - cell);
  }
}

void GuidedFilter::start_anew(Size frame, Size grid) {
  frame_ = {};  // until all memory is there
  grid_ = grid;
  plan(rows_, frame.height, grid.height);
  plan(columns_, frame.width, grid.width);
  plan(chroma_rows_, frame.height / 2, grid.height);
  plan(chroma_columns_, frame.width / 2, grid.width);
  cell_begin_.clear();
  for (int cell = 0; cell <= grid.width; ++cell)
    cell_begin_.push_back(static_cast<int>((std::int64_t{cell} * frame.width + grid.width - 1) / grid.width));
  const int blocks = (grid.width + kBlock - 1) / kBlock;
  pitch_ = std::ptrdiff_t{blocks + 2} * kBlock;
  const auto rows = [&](int count) { return std::vector<float>(static_cast<std::size_t>(count * pitch_)); };
  guides_ = rows(kGuides);
  guide_sums_ = rows(kWindow * kMoments);
  result_ = rows(kCoefficients);
  result_sums_ = rows(kWindow * kCoefficients);
  coefficients_ = rows(kKept * kCoefficients);
  coefficients_.resize(coefficients_.size() + kMostLanes);
  for (auto* line : {&luma_line_, &chroma_line_}) line->resize(std::size_t(kOfEach * pitch_ + kMostLanes));
  chroma_.resize(std::size_t(frame.width / 2) + 2);
  wide_chroma_.resize(std::size_t(frame.width));
  frame_ = frame;
}

template <class Work>
void GuidedFilter::for_surroundings(int row, const Work& work) const {
  for (const auto [begin, end] : blocks_.around(row))
    work(std::max(begin - kBlock, 0), std::min(end + kBlock, grid_.width));
}

void GuidedFilter::load(const CoarsePicture& picture, const CoarseMatte& matte, int row) {
  const std::ptrdiff_t from = std::ptrdiff_t{row} * grid_.width;
  float* to = guides_.data() + kBlock;
  for (const auto* plane : {&picture.y, &picture.u, &picture.v}) {
    const std::uint8_t* levels = plane->data() + from;
    for_surroundings(row, [&](int begin, int end) {
      for (int x = begin; x < end; ++x) to[x] = static_cast<float>(levels[x] - 128) * (1.0F / 255);
    });
    repeat_ends(to, grid_.width, pitch_);
    to += pitch_;
  }
  std::memcpy(to, matte.data() + from, std::size_t(grid_.width) * sizeof(float));
  repeat_ends(to, grid_.width, pitch_);
}

/// Where no edge is near, alpha is the matte, whatever the colour.
void GuidedFilter::trust(const CoarseMatte& matte, int row, float* coefficients) const {
  const float* levels = matte.data() + std::ptrdiff_t{row} * grid_.width;
  for_surroundings(row, [&](int begin, int end) {
    for (const Coefficient color : {kOfY, kOfU, kOfV})
      std::fill(coefficients + color * pitch_ + begin, coefficients + color * pitch_ + end, 0.0F);
    std::copy(levels + begin, levels + end, coefficients + kAdded * pitch_ + begin);
  });
}

void GuidedFilter::sum_guides(const CoarsePicture& picture, const CoarseMatte& matte, int row) {
  if (blocks_.around(row).empty()) return;
  load(picture, matte, row);
  float* sums = guide_sums_.data() + row % kWindow * kMoments * pitch_ + kBlock;
  for (const auto [begin, end] : blocks_.around(row))
    guided::sum_moments(guides_.data() + kBlock, pitch_, begin, end, sums);
}

void GuidedFilter::regress(const CoarseMatte& matte, int row) {
  if (blocks_.around(row).empty()) return;
  float* result = result_.data() + kBlock;
  trust(matte, row, result);
  const auto window = window_of(guide_sums_.data() + kBlock, kMoments * pitch_, row, grid_.height);
  for (const auto [begin, end] : blocks_.blocks(row)) guided::solve(window.data(), pitch_, begin, end, result);
  for (int i = 0; i < kCoefficients; ++i) repeat_ends(result + i * pitch_, grid_.width, pitch_);
  float* sums = result_sums_.data() + row % kWindow * kCoefficients * pitch_ + kBlock;
  for (const auto [begin, end] : blocks_.around(row)) guided::sum_coefficients(result, pitch_, begin, end, sums);
}

void GuidedFilter::average(const CoarseMatte& matte, int row) {
  if (blocks_.around(row).empty()) return;
  float* coefficients = coefficients_.data() + row % kKept * kCoefficients * pitch_ + kBlock;
  trust(matte, row, coefficients);
  const auto window = window_of(result_sums_.data() + kBlock, kCoefficients * pitch_, row, grid_.height);
  for (const auto [begin, end] : blocks_.blocks(row)) guided::average(window.data(), pitch_, begin, end, coefficients);
  for (int i = 0; i < kCoefficients; ++i) repeat_ends(coefficients + i * pitch_, grid_.width, pitch_);
}

void GuidedFilter::between(const Axis& rows, int y, Coefficient first, int begin, int end, float* to) const {
  const int upper = rows.cell[std::size_t(y)];
  const int lower = std::min(upper + 1, grid_.height - 1);
  const float* const all = coefficients_.data() + first * pitch_ + kBlock;
  guided::between(all + upper % kKept * kCoefficients * pitch_, all + lower % kKept * kCoefficients * pitch_,
                  rows.part[std::size_t(y)], pitch_, begin - kNeighbours, end + kNeighbours, to);
}

void GuidedFilter::make_chroma(const Frame& frame, int y, int begin, int end) {
  const int width = frame_.width / 2;
  const int first = begin / 2;
  const int last = (end + 1) / 2;
  float* const samples = chroma_.data() + 1;
  guided::chroma_part(chroma_line_.data() + kBlock, pitch_, chroma_columns_.taps(), frame.u().row(y), frame.v().row(y),
                      std::max(first - 1, 0), std::min(last + 1, width), samples);
  if (first == 0) samples[-1] = samples[0];
  if (last == width) samples[width] = samples[width - 1];
  guided::widen(samples, first, last, wide_chroma_.data());
}

void GuidedFilter::apply_row(const Frame& frame, int y, std::uint8_t* alpha) {
  const bool chroma_is_made = y % 2 == 1 && row_of(y) == row_of(y - 1);  // the row before has the same stretches
  for (const auto [begin, end] : blocks_.edges(row_of(y))) {
    const int first = pixel_of(begin);
    const int last = pixel_of(end);
    if (!chroma_is_made) {
      between(chroma_rows_, y / 2, kOfU, begin, end, chroma_line_.data() + kBlock);
      make_chroma(frame, y / 2, first, last);
    }
    between(rows_, y, kAdded, begin, end, luma_line_.data() + kBlock);
    guided::apply(luma_line_.data() + kBlock, pitch_, columns_.taps(), frame.y().row(y), wide_chroma_.data(), first,
                  last, alpha);
  }
}

int GuidedFilter::apply(const Frame& frame, int y, int done, Plane alpha) {
  const auto needed = [&](int row) { return std::min(rows_.cell[std::size_t(row)] + 1, grid_.height - 1); };
  for (; y < frame_.height && needed(y | 1) <= done; ++y) {
    std::uint8_t* to = alpha.row(y);
    const auto fill = [&](std::span<const Stretch> stretches, int level) {
      for (const auto [begin, end] : stretches)
        std::memset(to + pixel_of(begin), level, std::size_t(pixel_of(end) - pixel_of(begin)));
    };
    fill(blocks_.room(row_of(y)), 0);
    fill(blocks_.person(row_of(y)), 255);
    apply_row(frame, y, to);
  }
  return y;
}

void GuidedFilter::run(const Frame& frame, const CoarsePicture& picture, const CoarseMatte& matte, Plane alpha) {
  if (frame.size() != frame_ || picture.size != grid_) start_anew(frame.size(), picture.size);
  blocks_.run(matte, grid_, guided::kTail);
  int y = 0;
  for (int row = 0; row < grid_.height + 2 * kRadius; ++row) {
    if (row < grid_.height) sum_guides(picture, matte, row);
    if (const int done = row - kRadius; done >= 0 && done < grid_.height) regress(matte, done);
    if (const int done = row - 2 * kRadius; done >= 0) {
      average(matte, done);
      y = apply(frame, y, done, alpha);
    }
  }
}

}  // namespace viba
