#include "composite/blur.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "media/scale.h"

namespace viba {
namespace {

/// A running mean over 2·radius + 1 values, edges repeated, written transposed so that two passes
/// filter both directions and each reads along its rows.
void box_filter_transposed(const std::uint8_t* from, std::uint8_t* to, Size size, int radius) {
  const int window = 2 * radius + 1;
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* row = from + std::ptrdiff_t{y} * size.width;
    const auto at = [&](int x) { return int{row[std::clamp(x, 0, size.width - 1)]}; };
    int sum = 0;
    for (int x = -radius; x <= radius; ++x) sum += at(x);
    for (int x = 0; x < size.width; ++x) {
      to[std::ptrdiff_t{x} * size.height + y] = static_cast<std::uint8_t>((sum + radius) / window);
      sum += at(x + radius + 1) - at(x - radius);
    }
  }
}

/// The radius with which three box filters have about this sigma: variance 3·(w² − 1)/12.
int box_radius(double sigma) {
  const double window = std::sqrt(4 * sigma * sigma + 1);
  return std::max(1, static_cast<int>(std::lround((window - 1) / 2)));
}

}  // namespace

void FrameBlur::blur_plane(ConstPlane from, Plane to, double sigma) {
  constexpr double kSmallSigma = 3;  // pixels; enough of them left for a smooth result
  const double shrink = std::max(1.0, sigma / kSmallSigma);
  const Size small{std::max(1, int(from.size.width / shrink)), std::max(1, int(from.size.height / shrink))};
  const auto count = std::size_t(small.width) * std::size_t(small.height);
  small_.resize(count);
  turned_.resize(count);
  scale(from, Plane{small_.data(), small.width, small});
  const int radius = box_radius(sigma / shrink);
  for (int pass = 0; pass < 3; ++pass) {
    box_filter_transposed(small_.data(), turned_.data(), small, radius);
    box_filter_transposed(turned_.data(), small_.data(), {small.height, small.width}, radius);
  }
  scale(Plane{small_.data(), small.width, small}, to);
}

void FrameBlur::run(const Frame& from, const MutableFrame& to) {
  const double sigma = strength_ * from.size().height / 1000.0;
  blur_plane(from.y(), to.y(), sigma);
  blur_plane(from.u(), to.u(), sigma / 2);
  blur_plane(from.v(), to.v(), sigma / 2);
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
