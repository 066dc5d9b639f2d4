#include "segment/tfjs_operators.h"

#include <fmt/format.h>

#include <algorithm>

#include "segment/import_math.h"

namespace viba::tfjs {
namespace {

using Pair = std::array<std::int64_t, 2>;

/// Height and width of a list for batch, height, width and channels, of which the outer ones must be 1.
Pair steps(OperatorContext& context, std::string_view attribute) {
  const auto list = context.numbers(attribute);
  if (list.empty()) return {1, 1};
  if (list.size() == 4 && list[0] == 1 && list[3] == 1) return {list[1], list[2]};
  context.refuse(fmt::format("has {} that ViBa does not know", attribute));
  return {1, 1};
}

void expect_channels_last(OperatorContext& context) {
  const auto format = context.texts("data_format");
  if (!format.empty() && format != std::vector<std::string>{"NHWC"})
    context.refuse("does not hold its channels innermost, which ViBa does not know");
}

struct Window {
  Sliding rows, columns;
  onnx::Attributes attributes;
};

/// Window, strides and pads in the order and words of ONNX.
Window window(OperatorContext& context, const WindowAxis& rows, const WindowAxis& columns) {
  expect_channels_last(context);
  if (!rows.sane() || !columns.sane()) context.refuse("has a window or a step out of range", ErrorCode::kBadData);
  if (!context.ok()) return {};
  Window result;
  const auto padding = context.texts("padding");
  const auto pads = context.numbers("explicit_paddings");
  const auto fits = [](std::int64_t x) { return x >= 0 && x <= kLargestStep; };
  if (padding == std::vector<std::string>{"SAME"}) {
    result = {slide_same(rows), slide_same(columns), {}};
  } else if (padding == std::vector<std::string>{"VALID"}) {
    result = {slide_padded(rows), slide_padded(columns), {}};
  } else if (padding == std::vector<std::string>{"EXPLICIT"} && pads.size() == 8 && std::ranges::all_of(pads, fits)) {
    result = {slide_padded(rows, pads[2], pads[3]), slide_padded(columns, pads[4], pads[5]), {}};
  } else {
    context.refuse("has a padding that ViBa does not know");
    return {};
  }
  result.attributes = {
      {"kernel_shape", std::vector{rows.window, columns.window}},
      {"strides", std::vector{rows.stride, columns.stride}},
      {"pads", std::vector{result.rows.before, result.columns.before, result.rows.after, result.columns.after}}};
  return result;
}

/// The nodes for what follows a convolution inside the same operator; `inputs` are those of the convolution.
void finish_fused(OperatorContext& context, std::vector<std::string> inputs, const Image& out,
                  const onnx::Attributes& attributes) {
  std::string activation;
  for (const auto& step : context.texts("fused_ops")) {
    if (step == "BiasAdd" && inputs.size() == 2) {
      const auto bias = context.floats(2);
      if (context.ok() && bias.values->size() != static_cast<std::size_t>(out.channels))
        context.refuse("has a bias that does not fit its channels", ErrorCode::kBadData);
      inputs.push_back(context.add_constant("bias", {out.channels}, *bias.values));
    } else if (activation.empty() && (step == "Relu" || step == "Relu6")) {
      activation = step;
    } else {
      context.refuse(fmt::format("ends in {}, which ViBa does not know", printable(step)));
    }
  }
  if (!context.ok() || activation.empty()) return context.finish("Conv", inputs, out, attributes);
  const std::string linear = context.add_step("linear", "Conv", inputs, out, attributes);
  if (activation == "Relu") return context.finish("Relu", {linear}, out);
  const auto low = context.add_constant("low", {}, std::vector{0.0F});
  const auto high = context.add_constant("high", {}, std::vector{6.0F});
  context.finish("Clip", {linear, low, high}, out);
}

/// Filters are held as height x width x channels x results, those of depthwise ones for each channel.
void translate_convolution(OperatorContext& context, bool depthwise) {
  const Image in = context.image(0);
  const auto filter = context.floats(1);
  const auto [height, width, depth, results] = filter.shape;
  if (filter.rank != 4 || depth != in.channels)
    context.refuse("has a filter that does not fit its picture's channels", ErrorCode::kBadData);
  const Pair stride = steps(context, "strides");
  const Pair dilation = steps(context, "dilations");
  auto [rows, columns, attributes] =
      window(context, {in.height, height, stride[0], dilation[0]}, {in.width, width, stride[1], dilation[1]});
  if (!context.ok()) return;
  attributes.emplace_back("dilations", std::vector{dilation[0], dilation[1]});
  attributes.emplace_back("group", depthwise ? in.channels : std::int64_t{1});
  using Order = std::array<std::size_t, 4>;
  const Order order = depthwise ? Order{2, 3, 0, 1} : Order{3, 2, 0, 1};
  const onnx::Shape shape =
      depthwise ? onnx::Shape{depth * results, 1, height, width} : onnx::Shape{results, depth, height, width};
  const auto weights = context.add_constant("filter", shape, permuted(*filter.values, filter.shape, order));
  finish_fused(context, {in.value, weights}, context.result(rows.out, columns.out, shape[0]), attributes);
}

void translate_conv(OperatorContext& context) { translate_convolution(context, false); }
void translate_depthwise_conv(OperatorContext& context) { translate_convolution(context, true); }

void translate_pool(OperatorContext& context, std::string_view op_type) {
  const Image in = context.image(0);
  const Pair size = steps(context, "ksize");
  const Pair stride = steps(context, "strides");
  const auto [rows, columns, attributes] =
      window(context, {in.height, size[0], stride[0]}, {in.width, size[1], stride[1]});
  if (!context.ok()) return;
  context.finish(op_type, {in.value}, context.result(rows.out, columns.out, in.channels), attributes);
}

void translate_max_pool(OperatorContext& context) { translate_pool(context, "MaxPool"); }
void translate_average_pool(OperatorContext& context) { translate_pool(context, "AveragePool"); }

void translate_pad(OperatorContext& context) {
  const Image in = context.image(0);
  const auto pads = context.integers(1);
  const auto fits = [](std::int32_t x) { return x >= 0 && x <= kLargestStep; };
  if (pads.size() != 8 || !std::ranges::all_of(pads, fits))
    context.refuse("has paddings out of range", ErrorCode::kBadData);
  else if (pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0)
    context.refuse("pads something else than height and width, which ViBa does not know");
  if (!context.ok()) return;
  const std::vector<std::int64_t> ends{0, 0, pads[2], pads[4], 0, 0, pads[3], pads[5]};
  context.finish("Pad", {in.value, context.add_constant("pads", {8}, ends)},
                 context.result(in.height + pads[2] + pads[3], in.width + pads[4] + pads[5], in.channels));
}

/// One side of an arithmetic operator: a picture, or a constant turned to the order of pictures.
Image operand(OperatorContext& context, std::size_t slot) {
  if (!context.is_constant(slot)) return context.image(slot);
  const auto constant = context.floats(slot);
  const auto [batch, height, width, channels] = constant.shape;
  if (batch != 1) context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
  if (!context.ok()) return {};
  return {context.add_constant(slot == 0 ? "left" : "right", {1, channels, height, width},
                               permuted(*constant.values, constant.shape, {0, 3, 1, 2})),
          height, width, channels};
}

void translate_arithmetic(OperatorContext& context, std::string_view op_type) {
  expect_channels_last(context);
  if (context.is_constant(0) && context.is_constant(1)) context.refuse("computes with nothing but constants");
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

void translate_add(OperatorContext& context) { translate_arithmetic(context, "Add"); }
void translate_sub(OperatorContext& context) { translate_arithmetic(context, "Sub"); }
void translate_mul(OperatorContext& context) { translate_arithmetic(context, "Mul"); }
void translate_minimum(OperatorContext& context) { translate_arithmetic(context, "Min"); }
void translate_maximum(OperatorContext& context) { translate_arithmetic(context, "Max"); }

void translate_unary(OperatorContext& context, std::string_view op_type) {
  const Image in = context.image(0);
  context.finish(op_type, {in.value}, context.result(in.height, in.width, in.channels));
}

void translate_relu(OperatorContext& context) { translate_unary(context, "Relu"); }
void translate_sigmoid(OperatorContext& context) { translate_unary(context, "Sigmoid"); }

void translate_relu6(OperatorContext& context) {
  const Image in = context.image(0);
  if (!context.ok()) return;
  const auto low = context.add_constant("low", {}, std::vector{0.0F});
  const auto high = context.add_constant("high", {}, std::vector{6.0F});
  context.finish("Clip", {in.value, low, high}, context.result(in.height, in.width, in.channels));
}

void translate_identity(OperatorContext& context) {
  const Value same = context.value(0);
  if (context.ok()) context.finish(same);
}

void translate_const(OperatorContext& context) {
  const auto& weights = context.state().model.weights;
  const auto found = weights.find(context.node().name);
  if (found == weights.end()) return context.refuse("has no content in the list of weights", ErrorCode::kBadData);
  context.finish(Value{.image = {}, .constant = &found->second});
}

/// Those that stay inputs have their values from the beginning.
void translate_placeholder(OperatorContext& context) {
  ImportState& state = context.state();
  if (state.values.contains(context.node().name)) return;
  const auto number = state.settings.constants.find(context.node().name);
  if (number == state.settings.constants.end()) return context.refuse("is an input that nothing is given for");
  const auto declared = context.numbers("shape");
  if (std::ranges::any_of(declared, [](auto side) { return side != 1 && side != -1; }))
    return context.refuse("does not take a single number");
  context.finish(
      Value{.image = {},
            .constant = &state.folded.emplace_back(onnx::Shape(declared.size(), 1), std::vector{number->second})});
}

struct Translation {
  std::string_view name;
  void (*run)(OperatorContext& context);
};

constexpr Translation kTranslations[] = {
    {"Add", translate_add},
    {"AddV2", translate_add},
    {"AvgPool", translate_average_pool},
    {"BiasAdd", translate_add},
    {"Const", translate_const},
    {"Conv2D", translate_conv},
    {"DepthwiseConv2dNative", translate_depthwise_conv},
    {"FusedDepthwiseConv2dNative", translate_depthwise_conv},
    {"Identity", translate_identity},
    {"MaxPool", translate_max_pool},
    {"Maximum", translate_maximum},
    {"Minimum", translate_minimum},
    {"Mul", translate_mul},
    {"Pad", translate_pad},
    {"Placeholder", translate_placeholder},
    {"Relu", translate_relu},
    {"Relu6", translate_relu6},
    {"Sigmoid", translate_sigmoid},
    {"Sub", translate_sub},
    {"_FusedConv2D", translate_conv},
};

}  // namespace

Result<void> translate(OperatorContext& context) {
  const auto* translation = std::ranges::find(kTranslations, context.node().op, &Translation::name);
  if (translation == std::end(kTranslations))
    context.refuse("is not one that ViBa can run; use --model-name selfie");
  else
    translation->run(context);
  if (context.error()) return tl::unexpected(*context.error());
  return {};
}

}  // namespace viba::tfjs
