#include "refine/edge_shaper.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace viba {
namespace {

constexpr double kReferenceHeight = 720;

}  // namespace

void EdgeShaper::load(ConstPlane alpha, int margin, Border border, std::uint8_t flipped) {
  size_ = {alpha.size.width + 2 * margin, alpha.size.height + 2 * margin};
  origin_ = {margin, margin};
  sheet_.assign(static_cast<std::size_t>(size_.width) * static_cast<std::size_t>(size_.height), 0);
  copy_.resize(static_cast<std::size_t>(size_.width));
  const int beyond = border == Border::kRepeat ? margin : 0;
  for (int y = -beyond; y < alpha.size.height + beyond; ++y) {
    const std::uint8_t* from = alpha.row(std::clamp(y, 0, alpha.size.height - 1));
    std::uint8_t* to = row(margin + y) + margin;
    for (int x = 0; x < alpha.size.width; ++x) to[x] = from[x] ^ flipped;
    std::fill(to - beyond, to, to[0]);
    std::fill(to + alpha.size.width, to + alpha.size.width + beyond, to[alpha.size.width - 1]);
  }
}

/// Goes `share` of the way from the matte to what is on the sheet.
void EdgeShaper::store(Plane alpha, double share, std::uint8_t flipped) const {
  constexpr int kOne = 256;
  const int part = static_cast<int>(std::lround(share * kOne));
  for (int y = 0; y < alpha.size.height; ++y) {
    const std::uint8_t* from = sheet_.data() + std::ptrdiff_t{origin_.y + y} * size_.width + origin_.x;
    std::uint8_t* to = alpha.row(y);
    for (int x = 0; x < alpha.size.width; ++x)
      to[x] = static_cast<std::uint8_t>((to[x] * (kOne - part) + (from[x] ^ flipped) * part + kOne / 2) / kOne);
  }
}

/// Mixes each pixel with the one a step further; what they are then a mixture of lies around a point half a step
/// further.
template <class Mix>
void EdgeShaper::mix(Step step, const Mix& mixed) {
  const int begin = std::max(0, -step.x);
  const int count = size_.width - std::abs(step.x);
  for (int y = 0; y + step.y < size_.height; ++y) {
    std::uint8_t* to = row(y) + begin;
    const std::uint8_t* other = row(y + step.y) + begin + step.x;
    if (step.y == 0) {  // from a copy, because loops over what overlaps are not vectorised
      std::copy_n(other, count, copy_.begin());
      other = copy_.data();
    }
    for (int x = 0; x < count; ++x) to[x] = static_cast<std::uint8_t>(mixed(to[x], other[x]));
  }
}

/// The largest value of so many pixels on both sides along a direction.
void EdgeShaper::widen(Step direction, int pixels) {
  const int wanted = 2 * pixels + 1;
  for (int reached = 1; reached < wanted;) {
    const int next = std::min(reached, wanted - reached);
    mix({direction.x * next, direction.y * next}, [](int a, int b) { return std::max(a, b); });
    reached += next;
  }
  origin_ = {origin_.x - direction.x * pixels, origin_.y - direction.y * pixels};
}

/// A quarter of the pixel one step before, one half of its own, a quarter of the one after.
void EdgeShaper::blur(Step step) {
  mix(step, [](int a, int b) { return (a + b + 1) / 2; });
  mix(step, [](int a, int b) { return (a + b) / 2; });
  origin_ = {origin_.x - step.x, origin_.y - step.y};
}

void EdgeShaper::shift(Plane alpha, double pixels) {
  const std::uint8_t flipped = pixels < 0 ? 255 : 0;  // the room grows instead
  const int whole = static_cast<int>(std::abs(pixels));
  const double rest = std::abs(pixels) - whole;
  load(alpha, whole + 2, Border::kZero, flipped);
  // An octagon is what two strokes along the axes and two along the diagonals make of a point.
  const int diagonal = static_cast<int>(std::lround(whole * (1 - std::sqrt(0.5))));
  widen({1, 0}, whole - 2 * diagonal);
  widen({0, 1}, whole - 2 * diagonal);
  widen({1, 1}, diagonal);
  widen({-1, 1}, diagonal);
  store(alpha, 1, flipped);
  if (rest <= 0) return;
  widen({1, 0}, 1);
  widen({0, 1}, 1);
  store(alpha, rest, flipped);
}

void EdgeShaper::soften(Plane alpha, int pixels) {
  load(alpha, pixels, Border::kRepeat, 0);
  while (pixels > 0) {
    const int step = (pixels + 1) / 2;
    blur({step, 0});
    blur({0, step});
    pixels -= step;
  }
  store(alpha, 1, 0);
}

void EdgeShaper::run(Plane alpha) {
  const double scale = alpha.size.height / kReferenceHeight;
  if (shift_ != 0) shift(alpha, shift_ * scale);
  const int softness = static_cast<int>(std::lround(softness_ * scale));
  if (softness > 0) soften(alpha, softness);
}

}  // namespace viba
