#include <fmt/format.h>

#include <algorithm>

#include "segment/tfjs_operators.h"

/// What asks for shapes and makes new ones, of constants and of pictures.
namespace viba::tfjs {
namespace {

constexpr std::size_t kMostParts = 64;  ///< that one node joins

void translate_shape(OperatorContext& context) {
  const Shape shape = context.shape(0);
  if (shape.empty()) context.refuse("makes nothing");
  context.finish_folded(std::ssize(shape), [&] {
    return Weights{{std::ssize(shape)}, std::vector<std::int32_t>(shape.begin(), shape.end())};
  });
}

void translate_cast(OperatorContext& context) {
  const auto type = context.type("DstT");
  if (!context.is_constant(0)) {
    const Image in = context.image(0);
    if (type != "DT_FLOAT") context.refuse("makes something else than a picture");
    return context.finish(Value{.image = in});
  }
  const Weights* numbers = context.constant(0);
  context.finish_folded(count_of(numbers->shape), [&] { return converted(*numbers, type); });
}

/// Whether the first `count` inputs are few enough, and some.
bool has_parts(OperatorContext& context, std::size_t count) {
  if (count < 1 || count > kMostParts) context.refuse("joins nothing, or too much", ErrorCode::kBadData);
  return context.ok();
}

/// The first `count` inputs, which are constants, one behind the other. With `stacked`, each of them is
/// one entry of a new axis.
void fold_joined(OperatorContext& context, std::size_t count, std::size_t axis, bool stacked) {
  std::int64_t numbers = 0;
  std::vector<const Weights*> parts;
  for (std::size_t slot = 0; slot < count; ++slot) {
    parts.push_back(context.constant(slot));
    numbers += count_of(parts.back()->shape);
    if (stacked && parts.back()->shape.size() != parts[0]->shape.size())
      context.refuse("joins numbers of different shapes", ErrorCode::kBadData);
  }
  context.finish_folded(numbers, [&]() -> Folded {
    if (!stacked) return joined(parts, axis);
    std::vector<Weights> entries;
    entries.reserve(parts.size());
    for (const Weights* part : parts) entries.push_back(*part);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      auto& shape = entries[i].shape;
      shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
      parts[i] = &entries[i];
    }
    return joined(parts, axis);
  });
}

void translate_pack(OperatorContext& context) {
  if (!has_parts(context, context.input_count())) return;
  const std::size_t rank = context.constant(0)->shape.size() + 1;
  if (rank > kMostRank) context.refuse("has more axes than ViBa takes");
  const std::size_t axis = context.axis(context.number("axis", 0), rank);
  fold_joined(context, context.input_count(), axis, /*stacked=*/true);
}

/// The axis comes behind what is joined.
void translate_concat(OperatorContext& context) {
  const std::size_t count = std::max<std::size_t>(context.input_count(), 1) - 1;
  if (!has_parts(context, count)) return;
  bool all_constant = true;
  for (std::size_t slot = 0; slot < count; ++slot) all_constant = all_constant && context.is_constant(slot);
  const std::size_t axis = context.axis(context.integer(count), context.shape(0).size());
  if (all_constant) return fold_joined(context, count, axis, /*stacked=*/false);
  Shape whole;
  std::vector<std::string> inputs;
  for (std::size_t slot = 0; slot < count && context.ok(); ++slot) {
    if (axis == 0 || context.shape(slot).size() != kPlanar.size())
      context.refuse("joins something else than the rows, columns or channels of pictures");
    const Image part = operand(context, slot);
    inputs.push_back(part.value);
    Shape shape{1, part.height, part.width, part.channels};
    if (slot == 0) {
      whole = shape;
      continue;
    }
    shape[axis] = whole[axis] += shape[axis];
    if (shape != whole) context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
  }
  if (context.ok())
    context.finish("Concat", inputs, context.result(whole[1], whole[2], whole[3]), {{"axis", kPlanar[axis]}});
}

/// Takes away sides of 1: those that are named, or all.
void translate_squeeze(OperatorContext& context) {
  const Weights* numbers = context.constant(0);
  auto wanted = context.numbers("squeeze_dims");
  if (wanted.empty()) wanted = context.numbers("axis");
  const Shape& whole = numbers->shape;
  std::vector<bool> taken(whole.size(), false);
  for (const auto named : wanted) {
    const std::size_t axis = context.axis(named, whole.size());
    if (!context.ok()) return;
    if (whole[axis] != 1) return context.refuse("takes away an axis that holds something", ErrorCode::kBadData);
    taken[axis] = true;
  }
  Shape kept;
  for (std::size_t i = 0; i < whole.size(); ++i)
    if (wanted.empty() ? whole[i] != 1 : !taken[i]) kept.push_back(whole[i]);
  context.finish_folded(count_of(whole), [&] { return Weights{kept, numbers->values}; });
}

void translate_broadcast(OperatorContext& context) {
  const Shape shape = context.integers(1);
  if (shape.size() > kMostRank || std::ranges::any_of(shape, [](auto side) { return side < 1; }))
    context.refuse("spreads to a shape that is none", ErrorCode::kBadData);
  if (context.is_constant(0)) {
    const Weights* numbers = context.constant(0);
    return context.finish_folded(count_of(shape), [&] { return spread(*numbers, shape); });
  }
  const Image in = context.image(0);
  const Shape own{1, in.height, in.width, in.channels};
  bool fits = shape.size() == own.size() && shape[0] == 1;
  for (std::size_t i = 0; fits && i < own.size(); ++i) fits = own[i] == 1 || own[i] == shape[i];
  if (!fits) context.refuse("spreads a picture to a shape that it does not fit", ErrorCode::kBadData);
  if (!context.ok()) return;
  if (shape == own) return context.finish(Value{.image = in});
  const Image out = context.result(shape[1], shape[2], shape[3]);
  context.finish("Expand", {in.value, context.add_constant("shape", {4}, out.shape())}, out);
}

constexpr std::pair<std::string_view, Translation> kTranslations[] = {
    {"BroadcastTo", translate_broadcast}, {"Cast", translate_cast},
    {"ConcatV2", translate_concat},       {"Pack", translate_pack},
    {"Shape", translate_shape},           {"Squeeze", translate_squeeze},
};

}  // namespace

Translation find_shape_operator(std::string_view op) { return find_in(kTranslations, op); }

}  // namespace viba::tfjs
