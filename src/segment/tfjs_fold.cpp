#include "segment/tfjs_fold.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace viba::tfjs {
namespace {

using Integers = std::vector<std::int32_t>;

constexpr std::int64_t kMostCounted = std::int64_t{1} << 40;  ///< far more than anybody affords

/// How far apart in memory neighbours along each axis are.
Shape strides_of(const Shape& shape) {
  Shape strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * shape[i];
  return strides;
}

/// The numbers that lie `strides` apart from `start` on, in the order of a tensor of that shape.
template <class T>
std::vector<T> gathered(const std::vector<T>& from, const Shape& shape, const Shape& strides, std::int64_t start) {
  std::vector<T> result;
  result.reserve(static_cast<std::size_t>(count_of(shape)));
  Shape place(shape.size(), 0);
  std::int64_t at = start;
  while (true) {
    result.push_back(from[static_cast<std::size_t>(at)]);
    std::size_t axis = shape.size();
    while (axis-- > 0) {
      at += strides[axis];
      if (++place[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      place[axis] = 0;
      if (axis == 0) return result;
    }
    if (shape.empty()) return result;
  }
}

Weights gathered(const Weights& from, const Shape& shape, const Shape& strides, std::int64_t start) {
  return std::visit(
      [&](const auto& values) {
        return Weights{shape, gathered(values, shape, strides, start)};
      },
      from.values);
}

tl::unexpected<std::string> refused(std::string_view why) { return tl::unexpected(std::string(why)); }

float floor_mod(float a, float b) {
  const float rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

float compute(Arithmetic operation, float a, float b) {
  switch (operation) {
    case Arithmetic::kAdd: return a + b;
    case Arithmetic::kSub: return a - b;
    case Arithmetic::kMul: return a * b;
    case Arithmetic::kDiv: return a / b;
    case Arithmetic::kMin: return std::min(a, b);
    case Arithmetic::kMax: return std::max(a, b);
    case Arithmetic::kFloorMod: return floor_mod(a, b);
    case Arithmetic::kEqual: break;
  }
  return 0;
}

/// No two numbers of 32 bits overflow 64. `b` is not 0 for the rest of a division.
std::int64_t compute(Arithmetic operation, std::int64_t a, std::int64_t b) {
  switch (operation) {
    case Arithmetic::kAdd: return a + b;
    case Arithmetic::kSub: return a - b;
    case Arithmetic::kMul: return a * b;
    case Arithmetic::kMin: return std::min(a, b);
    case Arithmetic::kMax: return std::max(a, b);
    case Arithmetic::kFloorMod: return (a % b + b) % b;
    case Arithmetic::kDiv:
    case Arithmetic::kEqual: break;
  }
  return 0;
}

Folded computed_integers(Arithmetic operation, const Shape& shape, Integers a, const Integers& b) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (operation == Arithmetic::kDiv) return refused("divides whole numbers, which ViBa does not know");
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (operation == Arithmetic::kFloorMod && b[i] == 0) return refused("divides by zero");
    const std::int64_t value = compute(operation, std::int64_t{a[i]}, std::int64_t{b[i]});
    if (value < Limits::min() || value > Limits::max()) return refused("computes a number that is too large");
    a[i] = static_cast<std::int32_t>(value);
  }
  return Weights{shape, std::move(a)};
}

Weights repeated(const Weights& weights, const Shape& shape) {
  if (weights.shape == shape) return weights;
  Shape strides(shape.size(), 0);
  const Shape own = strides_of(weights.shape);
  const std::size_t front = shape.size() - own.size();
  for (std::size_t i = 0; i < own.size(); ++i)
    if (weights.shape[i] != 1) strides[front + i] = own[i];
  return gathered(weights, shape, strides, 0);
}

}  // namespace

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const auto side : shape) {
    if (side < 0 || side > kMostCounted / std::max<std::int64_t>(count, 1)) return kMostCounted;
    count *= side;
  }
  return count;
}

std::int64_t axis_of(std::int64_t axis, std::size_t rank) {
  const auto axes = static_cast<std::int64_t>(rank);
  if (axis < -axes || axis >= axes) return -1;
  return axis < 0 ? axis + axes : axis;
}

tl::expected<Shape, std::string> common_shape(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape result = longer;
  const std::size_t front = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    auto& side = result[front + i];
    if (side != shorter[i] && side != 1 && shorter[i] != 1) return refused("joins numbers of different shapes");
    side = std::max(side, shorter[i]);
  }
  return result;
}

Folded computed(Arithmetic operation, const Weights& a, const Weights& b) {
  const auto shape = common_shape(a.shape, b.shape);
  if (!shape) return tl::unexpected(shape.error());
  if (a.values.index() != b.values.index()) return refused("joins numbers of different types");
  const Weights left = repeated(a, *shape);
  const Weights right = repeated(b, *shape);
  if (operation == Arithmetic::kEqual) {
    Integers equal;
    std::visit(
        [&](const auto& values) {
          const auto& others = std::get<std::decay_t<decltype(values)>>(right.values);
          for (std::size_t i = 0; i < values.size(); ++i) equal.push_back(values[i] == others[i] ? 1 : 0);
        },
        left.values);
    return Weights{*shape, std::move(equal)};
  }
  if (const auto* integers = std::get_if<Integers>(&left.values))
    return computed_integers(operation, *shape, *integers, std::get<Integers>(right.values));
  auto values = std::get<std::vector<float>>(left.values);
  const auto& others = std::get<std::vector<float>>(right.values);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = compute(operation, values[i], others[i]);
  return Weights{*shape, std::move(values)};
}

Folded converted(const Weights& weights, std::string_view type) {
  const auto* integers = std::get_if<Integers>(&weights.values);
  const auto* floats = std::get_if<std::vector<float>>(&weights.values);
  if (type == "DT_FLOAT")
    return floats != nullptr ? weights : Weights{weights.shape, std::vector<float>(integers->begin(), integers->end())};
  if (type == "DT_BOOL") {
    Integers truths;
    std::visit(
        [&](const auto& values) {
          for (const auto x : values) truths.push_back(x != 0 ? 1 : 0);
        },
        weights.values);
    return Weights{weights.shape, std::move(truths)};
  }
  if (type != "DT_INT32") return refused("converts numbers to a type that ViBa does not know");
  if (integers != nullptr) return weights;
  Integers cut;
  constexpr float kTwoTo31 = 2147483648.0F;
  for (const float x : *floats) {
    if (!(x > -kTwoTo31 && x < kTwoTo31)) return refused("computes a number that is too large");
    cut.push_back(static_cast<std::int32_t>(x));
  }
  return Weights{weights.shape, std::move(cut)};
}

Folded spread(const Weights& weights, const Shape& shape) {
  const auto common = common_shape(weights.shape, shape);
  if (!common || *common != shape) return refused("spreads numbers to a shape that they do not fit");
  return repeated(weights, shape);
}

Weights cut_out(const Weights& weights, const Shape& begin, const Shape& count, const Shape& step) {
  Shape strides = strides_of(weights.shape);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    start += begin[i] * strides[i];
    strides[i] *= step[i];
  }
  return gathered(weights, count, strides, start);
}

Folded joined(std::span<const Weights* const> parts, std::size_t axis) {
  Weights result = *parts[0];
  auto& shape = result.shape;
  std::int64_t outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
  shape[axis] = 0;
  for (const Weights* part : parts) {
    Shape other = part->shape;
    if (other.size() != shape.size() || part->values.index() != result.values.index())
      return refused("joins numbers of different shapes or types");
    shape[axis] += other[axis];
    other[axis] = shape[axis];
    if (other != shape) return refused("joins numbers of different shapes or types");
  }
  std::visit(
      [&](auto& values) {
        values.clear();
        for (std::int64_t i = 0; i < outer; ++i)
          for (const Weights* part : parts) {
            const auto& from = std::get<std::decay_t<decltype(values)>>(part->values);
            const auto length = std::ssize(from) / outer;
            values.insert(values.end(), from.begin() + i * length, from.begin() + (i + 1) * length);
          }
      },
      result.values);
  return result;
}

}  // namespace viba::tfjs
