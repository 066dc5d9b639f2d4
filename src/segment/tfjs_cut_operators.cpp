#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "segment/tfjs_operators.h"

/// What takes parts out of constants and pictures.
namespace viba::tfjs {
namespace {

constexpr std::size_t kMostParts = 64;  ///< of one node

/// The part of a tensor from `begin` on, of `count` along each axis.
void finish_part(OperatorContext& context, std::size_t slot, const Shape& begin, const Shape& count,
                 std::size_t output = 0) {
  if (!context.ok()) return;
  if (context.is_constant(slot)) {
    const Weights* whole = context.constant(slot);
    const Shape step(count.size(), 1);
    return context.finish_folded(
        count_of(count), [&] { return cut_out(*whole, begin, count, step); }, output);
  }
  const Image in = context.image(slot);
  const Image out = context.result(count[1], count[2], count[3], output);
  if (out.shape() == in.shape()) return context.finish(Value{.image = in}, output);
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> ends;
  std::vector<std::int64_t> axes;
  for (std::size_t axis = 1; axis < count.size(); ++axis) {
    if (out.shape()[static_cast<std::size_t>(kPlanar[axis])] == in.shape()[static_cast<std::size_t>(kPlanar[axis])])
      continue;
    starts.push_back(begin[axis]);
    ends.push_back(begin[axis] + count[axis]);
    axes.push_back(kPlanar[axis]);
  }
  const auto add = [&](std::string_view name, const std::vector<std::int64_t>& values) {
    return context.add_constant(fmt::format("{}{}", name, output), {std::ssize(values)}, values);
  };
  context.finish("Slice", {in.value, add("starts", starts), add("ends", ends), add("axes", axes)}, out, {}, output);
}

void translate_slice(OperatorContext& context) {
  const Shape whole = context.shape(0);
  const Shape begin = context.integers(1);
  Shape count = context.integers(2);
  if (!context.ok()) return;
  bool fits = begin.size() == whole.size() && count.size() == whole.size();
  for (std::size_t i = 0; fits && i < whole.size(); ++i) {
    if (count[i] == -1) count[i] = whole[i] - begin[i];
    fits = begin[i] >= 0 && count[i] >= 1 && begin[i] + count[i] <= whole[i];
  }
  if (!fits) return context.refuse("cuts out what is not there", ErrorCode::kBadData);
  finish_part(context, 0, begin, count);
}

/// Along one axis: where it begins, how far it goes on each time, and how often.
struct Cut {
  std::int64_t begin = 0, step = 1, count = 0;
};

/// The ends are counted from the back when negative, and what lies outside is left out.
Cut cut_of(std::int64_t side, std::optional<std::int64_t> begin, std::optional<std::int64_t> end, std::int64_t step) {
  const std::int64_t lowest = step > 0 ? 0 : -1;
  const auto inside = [&](std::int64_t place) {
    return std::clamp(place < 0 ? place + side : place, lowest, side + lowest);
  };
  const std::int64_t from = begin ? inside(*begin) : step > 0 ? 0 : side - 1;
  const std::int64_t to = end ? inside(*end) : step > 0 ? side : -1;
  const std::int64_t length = step > 0 ? to - from : from - to;
  const std::int64_t pace = std::abs(step);
  return {from, step, length <= 0 ? 0 : (length + pace - 1) / pace};
}

void translate_strided_slice(OperatorContext& context) {
  const Weights* whole = context.constant(0);
  const auto begins = context.integers(1);
  const auto ends = context.integers(2);
  const auto steps = context.integers(3);
  const std::size_t rank = whole->shape.size();
  if (context.number("ellipsis_mask", 0) != 0 || context.number("new_axis_mask", 0) != 0)
    context.refuse("cuts in a way that ViBa does not know");
  if (begins.size() > rank || ends.size() != begins.size() || steps.size() != begins.size())
    context.refuse("cuts out what is not there", ErrorCode::kBadData);
  if (!context.ok()) return;
  const auto is_set = [&](std::string_view mask, std::size_t axis) {
    return (context.number(mask, 0) >> axis & 1) != 0;
  };
  Shape begin(rank, 0);
  Shape step(rank, 1);
  Shape count = whole->shape;
  Shape kept;
  for (std::size_t i = 0; i < rank; ++i) {
    Cut cut{0, 1, count[i]};
    const bool single = i < begins.size() && is_set("shrink_axis_mask", i);
    if (single) {
      cut = {axis_of(begins[i], static_cast<std::size_t>(count[i])), 1, 1};
    } else if (i < begins.size() && steps[i] != 0) {
      using Place = std::optional<std::int64_t>;
      cut = cut_of(count[i], is_set("begin_mask", i) ? Place() : begins[i], is_set("end_mask", i) ? Place() : ends[i],
                   steps[i]);
    }
    if (cut.begin < 0 || cut.count < 1 || (i < begins.size() && steps[i] == 0))
      return context.refuse("cuts out what is not there", ErrorCode::kBadData);
    begin[i] = cut.begin;
    step[i] = cut.step;
    count[i] = cut.count;
    if (!single) kept.push_back(cut.count);
  }
  context.finish_folded(count_of(count), [&] {
    Weights part = cut_out(*whole, begin, count, step);
    part.shape = kept;
    return part;
  });
}

void finish_split(OperatorContext& context, std::size_t slot, std::size_t axis,
                  const std::vector<std::int64_t>& lengths) {
  Shape begin = Shape(context.shape(slot).size(), 0);
  Shape count = context.shape(slot);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    count[axis] = lengths[i];
    finish_part(context, slot, begin, count, i);
    begin[axis] += lengths[i];
  }
}

void translate_split(OperatorContext& context) {
  const Shape whole = context.shape(1);
  const std::size_t axis = context.axis(context.integer(0), whole.size());
  const auto parts = context.number("num_split", 0);
  if (context.ok() && (parts < 1 || parts > std::int64_t{kMostParts} || whole[axis] % parts != 0))
    context.refuse("cuts into parts that are not equal, or too many", ErrorCode::kBadData);
  if (!context.ok()) return;
  finish_split(context, 1, axis, std::vector(static_cast<std::size_t>(parts), whole[axis] / parts));
}

/// One of the lengths may be -1: the rest.
void translate_split_v(OperatorContext& context) {
  const Shape whole = context.shape(0);
  auto lengths = context.integers(1);
  const std::size_t axis = context.axis(context.integer(2), whole.size());
  if (!context.ok()) return;
  std::int64_t left = whole[axis];
  for (const auto length : lengths) left -= std::max<std::int64_t>(length, 0);
  const auto rest = std::ranges::find(lengths, -1);
  if (rest != lengths.end()) left -= * rest = left;
  if (left != 0 || lengths.size() > kMostParts || std::ranges::any_of(lengths, [](auto length) { return length < 1; }))
    return context.refuse("cuts into parts that are not there, or too many", ErrorCode::kBadData);
  finish_split(context, 0, axis, lengths);
}

constexpr std::pair<std::string_view, Translation> kTranslations[] = {
    {"Slice", translate_slice},
    {"Split", translate_split},
    {"SplitV", translate_split_v},
    {"StridedSlice", translate_strided_slice},
};

}  // namespace

Translation find_cut_operator(std::string_view op) { return find_in(kTranslations, op); }

}  // namespace viba::tfjs
