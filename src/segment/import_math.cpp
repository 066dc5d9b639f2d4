#include "segment/import_math.h"

#include <algorithm>
#include <bit>

namespace viba {

bool WindowAxis::sane() const {
  const auto fits = [](std::int64_t x) { return x >= 1 && x <= kLargestStep; };
  return fits(window) && fits(stride) && fits(dilation);
}

Sliding slide_same(const WindowAxis& axis) {
  const std::int64_t out = (axis.in + axis.stride - 1) / axis.stride;
  const std::int64_t missing = std::max<std::int64_t>((out - 1) * axis.stride + axis.reach() - axis.in, 0);
  return {out, missing / 2, missing - missing / 2};
}

Sliding slide_padded(const WindowAxis& axis, std::int64_t before, std::int64_t after) {
  const std::int64_t room = before + axis.in + after - axis.reach();
  return {room < 0 ? 0 : room / axis.stride + 1, before, after};
}

std::vector<float> permuted(std::span<const float> values, const std::array<std::int64_t, 4>& shape,
                            const std::array<std::size_t, 4>& order) {
  std::array<std::int64_t, 4> step{};
  step[3] = 1;
  for (std::size_t i = 3; i > 0; --i) step[i - 1] = step[i] * shape[i];
  const auto side = [&](std::size_t i) { return shape[order[i]]; };
  std::vector<float> result;
  result.reserve(values.size());
  for (std::int64_t a = 0; a < side(0); ++a)
    for (std::int64_t b = 0; b < side(1); ++b)
      for (std::int64_t c = 0; c < side(2); ++c)
        for (std::int64_t d = 0; d < side(3); ++d)
          result.push_back(values[static_cast<std::size_t>(a * step[order[0]] + b * step[order[1]] +
                                                           c * step[order[2]] + d * step[order[3]])]);
  return result;
}

float float_of_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {
    constexpr float kSmallest = 1.0F / (1 << 24);
    const float value = static_cast<float>(fraction) * kSmallest;
    return sign == 0 ? value : -value;
  }
  constexpr std::uint32_t kBiasDifference = 127 - 15;
  const std::uint32_t wide = exponent == 0x1f ? 0xffu : exponent + kBiasDifference;
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

std::string printable(std::string_view name) {
  constexpr std::size_t kLongest = 80;
  std::string text(name.substr(0, kLongest));
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}

}  // namespace viba
