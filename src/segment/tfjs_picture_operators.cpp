#include <fmt/format.h>

#include <algorithm>

#include "segment/import_math.h"
#include "segment/tfjs_operators.h"

/// What is computed pixel by pixel, and what changes the size of a picture.
namespace viba::tfjs {
namespace {

void translate_pad(OperatorContext& context) {
  const Image in = context.image(0);
  const auto pads = context.integers(1);
  const auto fits = [](std::int64_t x) { return x >= 0 && x <= kLargestStep; };
  if (pads.size() != 8 || !std::ranges::all_of(pads, fits))
    context.refuse("has paddings out of range", ErrorCode::kBadData);
  else if (pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0)
    context.refuse("pads something else than height and width, which ViBa does not know");
  if (!context.ok()) return;
  const std::vector<std::int64_t> ends{0, 0, pads[2], pads[4], 0, 0, pads[3], pads[5]};
  context.finish("Pad", {in.value, context.add_constant("pads", {8}, ends)},
                 context.result(in.height + pads[2] + pads[3], in.width + pads[4] + pads[5], in.channels));
}

void fold_arithmetic(OperatorContext& context, Arithmetic operation) {
  const Weights* left = context.constant(0);
  const Weights* right = context.constant(1);
  const auto shape = common_shape(left->shape, right->shape);
  if (!shape) return context.refuse(shape.error(), ErrorCode::kBadData);
  context.finish_folded(count_of(*shape), [=] { return computed(operation, *left, *right); });
}

void translate_arithmetic(OperatorContext& context, std::string_view op_type, Arithmetic operation) {
  expect_channels_last(context);
  if (context.is_constant(0) && context.is_constant(1)) return fold_arithmetic(context, operation);
  const Image left = operand(context, 0);
  const Image right = operand(context, 1);
  const auto joined = [&context](std::int64_t a, std::int64_t b) {
    if (a != b && a != 1 && b != 1) context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
    return std::max(a, b);
  };
  const Image out = context.result(joined(left.height, right.height), joined(left.width, right.width),
                                   joined(left.channels, right.channels));
  context.finish(op_type, {left.value, right.value}, out);
}

void translate_add(OperatorContext& context) { translate_arithmetic(context, "Add", Arithmetic::kAdd); }
void translate_sub(OperatorContext& context) { translate_arithmetic(context, "Sub", Arithmetic::kSub); }
void translate_mul(OperatorContext& context) { translate_arithmetic(context, "Mul", Arithmetic::kMul); }
void translate_div(OperatorContext& context) { translate_arithmetic(context, "Div", Arithmetic::kDiv); }
void translate_minimum(OperatorContext& context) { translate_arithmetic(context, "Min", Arithmetic::kMin); }
void translate_maximum(OperatorContext& context) { translate_arithmetic(context, "Max", Arithmetic::kMax); }
void translate_floor_mod(OperatorContext& context) { fold_arithmetic(context, Arithmetic::kFloorMod); }
void translate_equal(OperatorContext& context) { fold_arithmetic(context, Arithmetic::kEqual); }

void translate_add_n(OperatorContext& context) {
  const Image first = context.image(0);
  std::vector<std::string> values;
  for (std::size_t slot = 0; slot < context.node().inputs.size(); ++slot) {
    const Image each = context.image(slot);
    if (context.ok() && each.shape() != first.shape())
      context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
    values.push_back(each.value);
  }
  context.finish("Sum", values, context.result(first.height, first.width, first.channels));
}

void translate_square(OperatorContext& context) {
  if (context.is_constant(0)) {
    const Weights* numbers = context.constant(0);
    return context.finish_folded(count_of(numbers->shape),
                                 [=] { return computed(Arithmetic::kMul, *numbers, *numbers); });
  }
  const Image in = context.image(0);
  context.finish("Mul", {in.value, in.value}, context.result(in.height, in.width, in.channels));
}

void translate_unary(OperatorContext& context, std::string_view op_type) {
  const Image in = context.image(0);
  context.finish(op_type, {in.value}, context.result(in.height, in.width, in.channels));
}

void translate_relu(OperatorContext& context) { translate_unary(context, "Relu"); }
void translate_sigmoid(OperatorContext& context) { translate_unary(context, "Sigmoid"); }
void translate_tanh(OperatorContext& context) { translate_unary(context, "Tanh"); }

void translate_relu6(OperatorContext& context) {
  const Image in = context.image(0);
  if (!context.ok()) return;
  const auto low = context.add_constant("low", {}, std::vector{0.0F});
  const auto high = context.add_constant("high", {}, std::vector{6.0F});
  context.finish("Clip", {in.value, low, high}, context.result(in.height, in.width, in.channels));
}

/// Over any of the axes but the first, which holds one picture.
void translate_mean(OperatorContext& context) {
  const Image in = context.image(0);
  std::array<bool, 4> averaged{};
  for (const auto wanted : context.integers(1)) {
    const auto axis = axis_of(wanted, averaged.size());
    if (axis < 0) return context.refuse("averages over an axis that is not there", ErrorCode::kBadData);
    averaged[static_cast<std::size_t>(axis)] = true;
  }
  if (context.number("keep_dims", 0) != 1) context.refuse("makes something else than a picture");
  const Image out =
      context.result(averaged[1] ? 1 : in.height, averaged[2] ? 1 : in.width, averaged[3] ? 1 : in.channels);
  if (averaged[1] && averaged[2] && !averaged[3]) return context.finish("GlobalAveragePool", {in.value}, out);
  std::vector<std::int64_t> axes;
  for (const auto& [axis, planar] : {std::pair{3U, 1}, {1U, 2}, {2U, 3}})
    if (averaged[axis]) axes.push_back(planar);
  if (axes.empty()) return context.finish(Value{.image = in});
  context.finish("ReduceMean", {in.value}, out, {{"axes", axes}, {"keepdims", std::int64_t{1}}});
}

void translate_resize(OperatorContext& context) {
  const Image in = context.image(0);
  const auto size = context.integers(1);
  const bool corners = context.number("align_corners", 0) == 1;
  const bool centers = context.number("half_pixel_centers", 0) == 1;
  if (size.size() != 2 || (corners && centers)) context.refuse("has no size, or two", ErrorCode::kBadData);
  if (!context.ok()) return;
  const Image out = context.result(size[0], size[1], in.channels);
  if (out.shape() == in.shape()) return context.finish(Value{.image = in});
  const onnx::Attributes attributes{{"mode", "linear"},
                                    {"coordinate_transformation_mode", corners   ? "align_corners"
                                                                       : centers ? "half_pixel"
                                                                                 : "asymmetric"}};
  // The runtime's fast path wants factors, but only whole ones are sure to give the size again.
  if (out.height % in.height == 0 && out.width % in.width == 0) {
    const auto down = out.height / in.height;
    const auto across = out.width / in.width;
    const std::vector<float> factors{1, 1, static_cast<float>(down), static_cast<float>(across)};
    return context.finish("Resize", {in.value, "", context.add_constant("factors", {4}, factors)}, out, attributes);
  }
  context.finish("Resize", {in.value, "", "", context.add_constant("size", {4}, out.shape())}, out, attributes);
}

constexpr std::pair<std::string_view, Translation> kTranslations[] = {
    {"Add", translate_add},         {"AddN", translate_add_n},    {"AddV2", translate_add},
    {"BiasAdd", translate_add},     {"Equal", translate_equal},   {"FloorMod", translate_floor_mod},
    {"Maximum", translate_maximum}, {"Mean", translate_mean},     {"Minimum", translate_minimum},
    {"Mul", translate_mul},         {"Pad", translate_pad},       {"RealDiv", translate_div},
    {"Relu", translate_relu},       {"Relu6", translate_relu6},   {"ResizeBilinear", translate_resize},
    {"Sigmoid", translate_sigmoid}, {"Square", translate_square}, {"Sub", translate_sub},
    {"Tanh", translate_tanh},
};

}  // namespace

Translation find_picture_operator(std::string_view op) { return find_in(kTranslations, op); }

}  // namespace viba::tfjs
