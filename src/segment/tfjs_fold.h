#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "segment/tfjs_model.h"

/// Computing with constants while a model is read: TensorFlow graphs work out sizes at run time, which
/// are all known once the sizes of the inputs are. What any of these functions makes has at least one
/// number, and callers see to it that it has not too many.
namespace viba::tfjs {

using Shape = std::vector<std::int64_t>;

constexpr std::size_t kMostRank = 8;  ///< of what is computed with

/// Why something cannot be computed, as in "divides by zero".
using Folded = tl::expected<Weights, std::string>;

enum class Arithmetic { kAdd, kSub, kMul, kDiv, kMin, kMax, kFloorMod, kEqual };

/// How many numbers there are; too many for anything where a side is negative.
[[nodiscard]] std::int64_t count_of(const Shape& shape);
/// `axis` counted from the front; it may be counted from the back, as -1. -1 when there is none such.
[[nodiscard]] std::int64_t axis_of(std::int64_t axis, std::size_t rank);
/// What two shapes become together when sides of 1 are repeated; nothing when they do not fit.
[[nodiscard]] tl::expected<Shape, std::string> common_shape(const Shape& a, const Shape& b);

[[nodiscard]] Folded computed(Arithmetic operation, const Weights& a, const Weights& b);
/// `type` is that of the result: "DT_FLOAT", "DT_INT32" or "DT_BOOL". Fractions are cut off.
[[nodiscard]] Folded converted(const Weights& weights, std::string_view type);
/// Repeats sides of 1.
[[nodiscard]] Folded spread(const Weights& weights, const Shape& shape);
/// Every side of the three has an entry for each axis. All that is asked for must be there.
[[nodiscard]] Weights cut_out(const Weights& weights, const Shape& begin, const Shape& count, const Shape& step);
/// All have the same shape, except along `axis`, and the same type.
[[nodiscard]] Folded joined(std::span<const Weights* const> parts, std::size_t axis);

}  // namespace viba::tfjs
