#include "composite/blur.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "composite/blur_kernels.h"
#include "media/scale.h"

namespace viba {
namespace {

constexpr int kPasses = 3;

/// The radius with which three box filters have about this sigma: variance 3·(w² − 1)/12.
int box_radius(double sigma) {
  const double window = std::sqrt(4 * sigma * sigma + 1);
  return std::max(1, static_cast<int>(std::lround((window - 1) / 2)));
}

std::size_t area(Size size) { return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height); }

/// What a cell counts, of 255. One with a quarter of person in it hardly does, and none not at all, so that there is
/// a colour everywhere.
int weight_of(int person) { return std::max(255 - 4 * person, 1); }

}  // namespace

void FrameBlur::resize(Size frame) {
  // In cells of the grid: many enough for a smooth result at small strengths, and small enough for one at large ones.
  constexpr double kSmallSigma = 2;
  constexpr int kCellsHigh = 90;
  frame_ = {};
  const double sigma = strength_ * frame.height / 1000.0;
  const double cell = std::min(sigma / kSmallSigma, double(frame.height) / kCellsHigh);
  const int side = 2 * std::max(1, static_cast<int>(cell / 2));  // even, for chroma's sake
  radius_ = box_radius(sigma / side);
  small_ = {std::max(frame.width / side, 1), std::max(frame.height / side, 1)};
  for (auto* plane : {&person_, &widened_, &plane_}) plane->resize(area(small_));
  cells_.resize(kChannels * area(small_));
  filtered_.resize(cells_.size());
  const auto padded = std::size_t{kChannels} * static_cast<std::size_t>(small_.width + 2 * radius_);
  line_.resize(padded);
  other_line_.resize(padded);
  column_sums_.resize(std::size_t{kChannels} * static_cast<std::size_t>(small_.width));
  sums_.resize(static_cast<std::size_t>(frame.width));
  columns_.resize(static_cast<std::size_t>(small_.width) + 1);
  frame_ = frame;
}

void FrameBlur::run(const Frame& from, const Matte& matte, const MutableFrame& to) {
  if (from.size() != frame_) resize(from.size());
  shrink(matte.alpha(), person_);
  widen_person();
  weigh(from);
  filter_rows();
  filter_columns();
  enlarge(1, to.y());
  enlarge(2, to.u());
  enlarge(3, to.v());
}

/// The mean of each cell. Cells divide the plane evenly, so some are a pixel larger than others.
void FrameBlur::shrink(ConstPlane from, std::vector<std::uint8_t>& to) {
  for (int x = 0; x <= small_.width; ++x) columns_[static_cast<std::size_t>(x)] = x * from.size.width / small_.width;
  std::uint8_t* out = to.data();
  for (int y = 0; y < small_.height; ++y) {
    std::ranges::fill(sums_, std::uint16_t{0});
    const int top = y * from.size.height / small_.height;
    const int bottom = (y + 1) * from.size.height / small_.height;
    for (int row = top; row < bottom; ++row) add_row(from.row(row), sums_.data(), from.size.width);
    const int* left = columns_.data();
    for (int x = 0; x < small_.width; ++x, ++left) {
      int sum = 0;
      for (int column = left[0]; column < left[1]; ++column) sum += sums_[static_cast<std::size_t>(column)];
      const int count = (left[1] - left[0]) * (bottom - top);
      *out++ = static_cast<std::uint8_t>(static_cast<float>(sum) / static_cast<float>(count) + 0.5F);
    }
  }
}

/// Widens the person by a cell each way: mattes are often a little tight.
void FrameBlur::widen_person() {
  const auto width = static_cast<std::size_t>(small_.width);
  const auto spread = [](const std::uint8_t* from, std::uint8_t* to, std::size_t count, std::size_t step) {
    for (std::size_t i = 0; i + step < count; ++i) to[i] = std::max(to[i], from[i + step]);
    for (std::size_t i = step; i < count; ++i) to[i] = std::max(to[i], from[i - step]);
  };
  widened_ = person_;
  for (std::size_t row = 0; row < person_.size(); row += width)
    spread(person_.data() + row, widened_.data() + row, width, 1);
  person_ = widened_;
  spread(widened_.data(), person_.data(), person_.size(), width);
}

/// A weight for each cell, and its colour times that.
void FrameBlur::weigh(const Frame& from) {
  const auto each = [&](int channel, auto value) {
    std::uint16_t* cell = cells_.data() + channel;
    for (std::size_t i = 0; i < person_.size(); ++i, cell += kChannels)
      *cell = static_cast<std::uint16_t>(weight_of(person_[i]) * value(i));
  };
  each(0, [](std::size_t) { return 255; });
  for (const auto& [channel, plane] : {std::pair{1, from.y()}, std::pair{2, from.u()}, std::pair{3, from.v()}}) {
    shrink(plane, plane_);
    each(channel, [&](std::size_t i) { return int{plane_[i]}; });
  }
}

void FrameBlur::filter_rows() {
  const std::ptrdiff_t length = std::ptrdiff_t{kChannels} * small_.width;
  const std::ptrdiff_t margin = std::ptrdiff_t{kChannels} * radius_;
  for (int y = 0; y < small_.height; ++y) {
    std::uint16_t* row = cells_.data() + y * length;
    std::copy_n(row, length, line_.begin() + margin);
    for (int pass = 0; pass < kPasses; ++pass) {
      for (std::ptrdiff_t i = 0; i < margin; ++i) {  // the outermost cells are repeated
        line_[static_cast<std::size_t>(i)] = line_[static_cast<std::size_t>(margin + i % kChannels)];
        line_[static_cast<std::size_t>(margin + length + i)] =
            line_[static_cast<std::size_t>(margin + length - kChannels + i % kChannels)];
      }
      std::uint16_t* to = pass + 1 < kPasses ? other_line_.data() + margin : row;
      box_row(line_.data(), to, small_.width, 2 * radius_ + 1);
      std::swap(line_, other_line_);
    }
  }
}

void FrameBlur::filter_columns() {
  const int length = kChannels * small_.width;
  for (int pass = 0; pass < kPasses; ++pass) {
    const auto row = [&](int y) {
      return cells_.data() + std::ptrdiff_t{std::clamp(y, 0, small_.height - 1)} * length;
    };
    std::ranges::fill(column_sums_, 0U);
    for (int y = -radius_; y <= radius_; ++y)
      for (int x = 0; x < length; ++x) column_sums_[static_cast<std::size_t>(x)] += row(y)[x];
    for (int y = 0; y < small_.height; ++y)
      box_step(column_sums_.data(), row(y + radius_ + 1), row(y - radius_),
               filtered_.data() + std::ptrdiff_t{y} * length, length, 2 * radius_ + 1);
    std::swap(cells_, filtered_);
  }
}

void FrameBlur::enlarge(int channel, Plane to) {
  const std::uint16_t* cell = cells_.data();
  for (std::uint8_t& level : plane_) {
    const float mean =
        255 * static_cast<float>(cell[channel]) / static_cast<float>(std::max<std::uint16_t>(cell[0], 1));
    level = static_cast<std::uint8_t>(std::min(mean + 0.5F, 255.0F));
    cell += kChannels;
  }
  scale(ConstPlane{plane_.data(), small_.width, small_}, to);
}

void blur_beyond_recognition(const Frame& from, const MutableFrame& to) {
  constexpr int kCellsHigh = 12;
  constexpr int kCellsWide = 20;
  std::array<std::uint8_t, kCellsHigh * kCellsWide> cells{};
  const Plane grid{cells.data(), kCellsWide, {kCellsWide, kCellsHigh}};
  for (const auto& [in, out] :
       {std::pair{from.y(), to.y()}, std::pair{from.u(), to.u()}, std::pair{from.v(), to.v()}}) {
    scale(in, grid);
    scale(grid, out);
  }
}

}  // namespace viba
