#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace viba {

/// The largest stride, dilation or window that importers take; keeps sums from overflowing.
constexpr std::int64_t kLargestStep = 4096;

/// How a sliding window moves along one axis.
struct WindowAxis {
  std::int64_t in = 1, window = 1, stride = 1, dilation = 1;
  [[nodiscard]] std::int64_t reach() const { return (window - 1) * dilation + 1; }
  /// Whether window, stride and dilation are 1..kLargestStep.
  [[nodiscard]] bool sane() const;
};

struct Sliding {
  std::int64_t out = 0, before = 0, after = 0;  ///< cells that come out, and cells padded at both ends
};

/// TensorFlow's "SAME": pads so that every stride-th cell has an output, the odd cell behind.
[[nodiscard]] Sliding slide_same(const WindowAxis& axis);
/// With pads as given; "VALID" is none. No output when the window is longer than what it slides over.
[[nodiscard]] Sliding slide_padded(const WindowAxis& axis, std::int64_t before = 0, std::int64_t after = 0);

/// `values` of `shape` with axis i of the result being axis `order[i]`.
[[nodiscard]] std::vector<float> permuted(std::span<const float> values, const std::array<std::int64_t, 4>& shape,
                                          const std::array<std::size_t, 4>& order);

/// From IEEE 754 binary16.
[[nodiscard]] float float_of_half(std::uint16_t half);

/// A name from a model file, fit for an error message.
[[nodiscard]] std::string printable(std::string_view name);

}  // namespace viba
