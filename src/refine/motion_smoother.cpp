#include "refine/motion_smoother.h"

#include <algorithm>
#include <array>

#include "refine/motion_kernels.h"

namespace viba {
namespace {

constexpr int kRadius = 2;
constexpr int kWindow = (2 * kRadius + 1) * (2 * kRadius + 1);

// Differences of means of luma in a window from one frame to the next, in levels.
constexpr float kStill = 3;   ///< up to here a picture is likely to stand still
constexpr float kNoises = 6;  ///< in noisy pictures, so many times what is usual in them
constexpr float kMost = 12;   ///< but no more than this

constexpr float kHold = 0.8F;  ///< share of the matte before, where nothing moves at all

}  // namespace

void MotionSmoother::blur(const CoarsePicture& picture) {
  const int width = picture.size.width;
  const int height = picture.size.height;
  const auto row = [&](auto& all, int y) { return all.data() + std::ptrdiff_t{std::clamp(y, 0, height - 1)} * width; };
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* levels = row(picture.y, y);
    std::uint16_t* to = row(row_sums_, y);
    const auto whole = [&](int x) {
      int sum = 0;
      for (int i = -kRadius; i <= kRadius; ++i) sum += levels[std::clamp(x + i, 0, width - 1)];
      return static_cast<std::uint16_t>(sum);
    };
    for (int x = 0; x < std::min(kRadius, width); ++x) to[x] = whole(x);
    for (int x = kRadius; x < width - kRadius; ++x)
      to[x] = static_cast<std::uint16_t>(levels[x - 2] + levels[x - 1] + levels[x] + levels[x + 1] + levels[x + 2]);
    for (int x = std::max(kRadius, width - kRadius); x < width; ++x) to[x] = whole(x);
  }
  for (int y = 0; y < height; ++y) {
    const std::uint16_t* rows[] = {row(row_sums_, y - 2), row(row_sums_, y - 1), row(row_sums_, y),
                                   row(row_sums_, y + 1), row(row_sums_, y + 2)};
    std::uint16_t* to = row(sums_, y);
    for (int x = 0; x < width; ++x)
      to[x] = static_cast<std::uint16_t>(rows[0][x] + rows[1][x] + rows[2][x] + rows[3][x] + rows[4][x]);
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
    for (auto* all : {&row_sums_, &sums_, &last_sums_, &differences_}) all->resize(matte.size());
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
