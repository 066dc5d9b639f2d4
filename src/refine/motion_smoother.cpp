#include "refine/motion_smoother.h"

#include <algorithm>
#include <array>

#include "refine/motion_kernels.h"

namespace viba {
namespace {

using motion::kRadius;
constexpr int kWindow = motion::kRows * motion::kRows;

// Differences of means of luma in a window from one frame to the next, in levels.
constexpr float kStill = 3;   ///< up to here a picture is likely to stand still
constexpr float kNoises = 6;  ///< in noisy pictures, so many times what is usual in them
constexpr float kMost = 12;   ///< but no more than this

constexpr float kHold = 0.8F;  ///< share of the matte before, where nothing moves at all

}  // namespace

void MotionSmoother::blur(const CoarsePicture& picture) {
  const auto [width, height] = picture.size;
  std::uint16_t* const column_sums = column_sums_.data() + kRadius;
  for (int y = 0; y < height; ++y) {
    std::array<const std::uint8_t*, motion::kRows> rows{};
    for (int i = 0; i < motion::kRows; ++i)
      rows[std::size_t(i)] = picture.y.data() + std::ptrdiff_t{std::clamp(y + i - kRadius, 0, height - 1)} * width;
    motion::sum_rows(rows.data(), width, column_sums);
    motion::sum_neighbours(column_sums, width, sums_.data() + std::ptrdiff_t{y} * width);
  }
}

/// From the median of the differences: most of a picture stands still.
float MotionSmoother::stillness_limit() {
  constexpr std::size_t kStep = 7;
  std::array<int, 16 * kWindow> counts{};
  int all = 0;
  for (std::size_t i = 0; i < differences_.size(); i += kStep, ++all)
    ++counts[std::min<std::size_t>(differences_[i], counts.size() - 1)];
  std::size_t median = 0;
  for (int below = counts[0]; below * 2 < all; below += counts[median]) ++median;
  return std::clamp(kNoises * static_cast<float>(median), kStill * kWindow, kMost * kWindow);
}

void MotionSmoother::run(const CoarsePicture& picture, std::span<const float> trust, CoarseMatte& matte) {
  if (picture.size != size_) {
    reset();
    for (auto* all : {&sums_, &last_sums_, &differences_}) all->resize(matte.size());
    column_sums_.resize(std::size_t(picture.size.width) + 2 * kRadius);
    size_ = picture.size;
  }
  std::swap(sums_, last_sums_);
  blur(picture);
  if (!last_.empty()) {
    motion::differ(sums_.data(), last_sums_.data(), sums_.size(), differences_.data());
    motion::hold(differences_.data(), stillness_limit(), kHold, trust.empty() ? nullptr : trust.data(), last_.data(),
                 matte.size(), matte.data());
  }
  last_ = matte;
}

}  // namespace viba
