#include "refine/guided_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "refine/guided_kernels.h"

namespace viba {
namespace {

using guided::kBlock;
using guided::kCoefficients;
using guided::kGuides;
using guided::kMoments;
using guided::kRadius;
using guided::kWindow;
using Kind = EdgeBlocks::Kind;
static_assert(kBlock == EdgeBlocks::kWidth);
static_assert(EdgeBlocks::kReach > 2 * kRadius, "coefficients and the space between cells reach that far");

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

void GuidedFilter::plan(Axis& axis, int pixels, int cells) {
  axis.cell.resize(static_cast<std::size_t>(pixels));
  axis.part.resize(static_cast<std::size_t>(pixels));
  for (int i = 0; i < pixels; ++i) {
    const double position = std::clamp((i + 0.5) * cells / pixels - 0.5, 0.0, double(cells - 1));
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
  const int blocks = (grid.width + kBlock - 1) / kBlock;
  block_begin_.clear();
  for (int block = 0; block <= blocks; ++block)
    block_begin_.push_back(static_cast<int>(
        (std::int64_t{std::min(block * kBlock, grid.width)} * frame.width + grid.width - 1) / grid.width));
  pitch_ = std::ptrdiff_t{blocks + 2} * kBlock;
  const auto rows = [&](int count) { return std::vector<float>(static_cast<std::size_t>(count * pitch_)); };
  guides_ = rows(kGuides);
  guide_sums_ = rows(kWindow * kMoments);
  result_ = rows(kCoefficients);
  result_sums_ = rows(kWindow * kCoefficients);
  coefficients_ = rows(kKept * kCoefficients);
  line_ = rows(kCoefficients);
  u_.resize(static_cast<std::size_t>(frame.width));
  v_.resize(static_cast<std::size_t>(frame.width));
  frame_ = frame;
}

void GuidedFilter::load(const CoarsePicture& picture, const CoarseMatte& matte, int row) {
  const std::ptrdiff_t from = std::ptrdiff_t{row} * grid_.width;
  float* to = guides_.data() + kBlock;
  for (const auto* plane : {&picture.y, &picture.u, &picture.v}) {
    const std::uint8_t* levels = plane->data() + from;
    for (int x = 0; x < grid_.width; ++x) to[x] = static_cast<float>(levels[x] - 128) * (1.0F / 255);
    repeat_ends(to, grid_.width, pitch_);
    to += pitch_;
  }
  std::memcpy(to, matte.data() + from, std::size_t(grid_.width) * sizeof(float));
  repeat_ends(to, grid_.width, pitch_);
}

/// Where no edge is near, alpha is the matte, whatever the colour.
void GuidedFilter::trust(const CoarseMatte& matte, int row, float* coefficients) const {
  std::fill(coefficients - kBlock, coefficients - kBlock + 3 * pitch_, 0.0F);
  float* added = coefficients + 3 * pitch_;
  std::memcpy(added, matte.data() + std::ptrdiff_t{row} * grid_.width, std::size_t(grid_.width) * sizeof(float));
  repeat_ends(added, grid_.width, pitch_);
}

void GuidedFilter::sum_guides(const CoarsePicture& picture, const CoarseMatte& matte, int row) {
  if (!blocks_.edges_around(row)) return;
  load(picture, matte, row);
  float* sums = guide_sums_.data() + row % kWindow * kMoments * pitch_ + kBlock;
  for_stretches(blocks_.blocks(), blocks_.around(row), std::uint8_t{1},
                [&](int begin, int end) { guided::sum_moments(guides_.data() + kBlock, pitch_, begin, end, sums); });
}

void GuidedFilter::regress(const CoarseMatte& matte, int row) {
  if (!blocks_.edges_around(row)) return;
  float* result = result_.data() + kBlock;
  trust(matte, row, result);
  const auto window = window_of(guide_sums_.data() + kBlock, kMoments * pitch_, row, grid_.height);
  for_stretches(blocks_.blocks(), blocks_.row(row), Kind::kEdge,
                [&](int begin, int end) { guided::solve(window.data(), pitch_, begin, end, result); });
  for (int i = 0; i < kCoefficients; ++i) repeat_ends(result + i * pitch_, grid_.width, pitch_);
  float* sums = result_sums_.data() + row % kWindow * kCoefficients * pitch_ + kBlock;
  for_stretches(blocks_.blocks(), blocks_.around(row), std::uint8_t{1},
                [&](int begin, int end) { guided::sum_coefficients(result, pitch_, begin, end, sums); });
}

void GuidedFilter::average(const CoarseMatte& matte, int row) {
  if (!blocks_.edges_around(row)) return;
  float* coefficients = coefficients_.data() + row % kKept * kCoefficients * pitch_ + kBlock;
  trust(matte, row, coefficients);
  const auto window = window_of(result_sums_.data() + kBlock, kCoefficients * pitch_, row, grid_.height);
  for_stretches(blocks_.blocks(), blocks_.row(row), Kind::kEdge,
                [&](int begin, int end) { guided::average(window.data(), pitch_, begin, end, coefficients); });
  for (int i = 0; i < kCoefficients; ++i) repeat_ends(coefficients + i * pitch_, grid_.width, pitch_);
}

void GuidedFilter::apply_row(const Frame& frame, int y, std::uint8_t* alpha) {
  const int upper = rows_.cell[std::size_t(y)];
  const int lower = std::min(upper + 1, grid_.height - 1);
  const float* const all = coefficients_.data() + kBlock;
  float* const line = line_.data() + kBlock;
  const std::uint8_t* colors[] = {frame.y().row(y), u_.data(), v_.data()};
  const bool chroma_is_wide = y % 2 == 1 && row_of(y) == row_of(y - 1);  // the row before has the same stretches
  const bool sparse = frame_.width >= 2 * grid_.width;
  for_stretches(blocks_.blocks(), blocks_.row(row_of(y)), Kind::kEdge, [&](int begin, int end) {
    guided::between(all + upper % kKept * kCoefficients * pitch_, all + lower % kKept * kCoefficients * pitch_,
                    rows_.part[std::size_t(y)], pitch_, begin - kBlock, end + kBlock, line);
    const int first = pixel_of(begin);
    const int last = pixel_of(end);
    if (!chroma_is_wide) {
      guided::widen_chroma(frame.u().row(y / 2), frame.u().size.width, first / 2, (last + 1) / 2, u_.data());
      guided::widen_chroma(frame.v().row(y / 2), frame.v().size.width, first / 2, (last + 1) / 2, v_.data());
    }
    guided::apply(line, pitch_, {columns_.cell.data(), columns_.part.data(), sparse}, colors, first, last, alpha);
  });
}

int GuidedFilter::apply(const Frame& frame, int y, int done, Plane alpha) {
  for (; y < frame_.height && std::min(rows_.cell[std::size_t(y)] + 1, grid_.height - 1) <= done; ++y) {
    std::uint8_t* to = alpha.row(y);
    for (const Kind kind : {Kind::kRoom, Kind::kPerson})
      for_stretches(blocks_.blocks(), blocks_.row(row_of(y)), kind, [&](int begin, int end) {
        std::fill(to + pixel_of(begin), to + pixel_of(end), static_cast<std::uint8_t>(kind == Kind::kPerson ? 255 : 0));
      });
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
