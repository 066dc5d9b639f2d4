#include "segment/tflite_operators.h"

#include <algorithm>
#include <cstring>

#include "segment/import_math.h"
#include "tflite_generated.h"

namespace viba::tflite {
namespace {

Sliding slide(const WindowAxis& axis, Padding padding) {
  return padding == Padding::VALID ? slide_padded(axis) : slide_same(axis);
}

/// Window, strides and pads in the order and words of ONNX; checks them and the declared output.
onnx::Attributes window_attributes(OperatorContext& context, const Image& output, const WindowAxis& rows,
                                   const WindowAxis& columns, Padding padding, std::int64_t channels) {
  if (!rows.sane() || !columns.sane() || (padding != Padding::SAME && padding != Padding::VALID)) {
    context.refuse("has a window, stride, dilation or padding out of range", ErrorCode::kBadData);
    return {};
  }
  const Sliding y = slide(rows, padding);
  const Sliding x = slide(columns, padding);
  context.expect(output, y.out, x.out, channels);
  return {{"kernel_shape", std::vector{rows.window, columns.window}},
          {"strides", std::vector{rows.stride, columns.stride}},
          {"pads", std::vector{y.before, x.before, y.after, x.after}}};
}

/// Adds the node, and behind it the activation that TensorFlow Lite keeps inside the operator.
void finish_activated(OperatorContext& context, std::string_view op_type, const std::vector<std::string>& inputs,
                      const Image& output, Activation activation, const onnx::Attributes& attributes) {
  if (!context.ok()) return;
  if (activation == Activation::NONE) return context.finish(op_type, inputs, output, attributes);
  if (activation != Activation::RELU && activation != Activation::RELU6)
    return context.refuse("ends in an activation that ViBa does not know");
  const std::string linear = context.add_step("linear", op_type, inputs, output.shape(), attributes);
  if (activation == Activation::RELU) return context.finish("Relu", {linear}, output);
  const std::string low = context.add_constant("low", {}, std::vector{0.0F});
  const std::string high = context.add_constant("high", {}, std::vector{6.0F});
  context.finish("Clip", {linear, low, high}, output);
}

/// Filter and bias as inputs of the node that `data` goes into.
std::vector<std::string> with_filter(OperatorContext& context, const std::string& data, const Weights& filter,
                                     std::array<std::size_t, 4> order, std::int64_t channels) {
  Weights bias;
  if (context.has_input(2)) {
    bias = context.weights(2);
    if (static_cast<std::int64_t>(bias.values.size()) != channels)
      context.refuse("has another number of biases than of channels", ErrorCode::kBadData);
  }
  if (!context.ok()) return {};
  const onnx::Shape shape{filter.shape[order[0]], filter.shape[order[1]], filter.shape[order[2]],
                          filter.shape[order[3]]};
  std::vector<std::string> inputs{data,
                                  context.add_constant("filter", shape, permuted(filter.values, filter.shape, order))};
  if (!bias.values.empty()) inputs.push_back(context.add_constant("bias", {channels}, bias.values));
  return inputs;
}

/// Both kinds of convolution. A depthwise one holds its filters as 1 x height x width x channels.
template <class Options>
void translate_convolution(OperatorContext& context, const Options* options, bool depthwise) {
  const Image in = context.input(0);
  const Image out = context.output();
  const Weights filter = context.weights(1);
  if (options == nullptr) context.refuse("has no options", ErrorCode::kBadData);
  if (!context.ok()) return;
  const std::int64_t channels = filter.shape[depthwise ? 3 : 0];
  if (depthwise ? filter.shape[0] != 1 || channels % in.channels != 0 : filter.shape[3] != in.channels)
    return context.refuse("has a filter that does not fit its picture's channels", ErrorCode::kBadData);
  auto attributes = window_attributes(
      context, out, {in.height, filter.shape[1], options->stride_h(), options->dilation_h()},
      {in.width, filter.shape[2], options->stride_w(), options->dilation_w()}, options->padding(), channels);
  attributes.emplace_back("dilations", std::vector<std::int64_t>{options->dilation_h(), options->dilation_w()});
  attributes.emplace_back("group", depthwise ? in.channels : std::int64_t{1});
  using Order = std::array<std::size_t, 4>;
  const auto inputs =
      with_filter(context, in.value, filter, depthwise ? Order{3, 0, 1, 2} : Order{0, 3, 1, 2}, channels);
  finish_activated(context, "Conv", inputs, out, options->fused_activation(), attributes);
}

void translate_conv(OperatorContext& context) {
  translate_convolution(context, context.raw().options_as_Conv2DOptions(), false);
}

void translate_depthwise_conv(OperatorContext& context) {
  translate_convolution(context, context.raw().options_as_DepthwiseConv2DOptions(), true);
}

/// A transposed convolution whose windows do not overlap: what MediaPipe's custom operator is used for.
void translate_transposed_conv(OperatorContext& context) {
  const Image in = context.input(0);
  const Image out = context.output();
  const Weights filter = context.weights(1);
  struct {
    std::int32_t padding, stride_width, stride_height;
  } options{};
  const auto* bytes = context.raw().custom_options();
  if (bytes == nullptr || bytes->size() != sizeof options)
    return context.refuse("has options of an unknown form", ErrorCode::kBadData);
  std::memcpy(&options, bytes->data(), sizeof options);
  const auto [channels, height, width, depth] = filter.shape;
  if (options.stride_height != height || options.stride_width != width)
    context.refuse("has windows that overlap, which ViBa does not know");
  if (depth != in.channels)
    context.refuse("has a filter that does not fit its picture's channels", ErrorCode::kBadData);
  context.expect(out, in.height * height, in.width * width, channels);
  if (!context.ok()) return;
  const auto inputs = with_filter(context, in.value, filter, {3, 0, 1, 2}, channels);
  finish_activated(context, "ConvTranspose", inputs, out, Activation::NONE,
                   {{"kernel_shape", std::vector{height, width}}, {"strides", std::vector{height, width}}});
}

void translate_average_pool(OperatorContext& context) {
  const Image in = context.input(0);
  const Image out = context.output();
  const auto* options = context.raw().options_as_Pool2DOptions();
  if (options == nullptr) return context.refuse("has no options", ErrorCode::kBadData);
  const WindowAxis rows{in.height, options->filter_height(), options->stride_h(), 1};
  const WindowAxis columns{in.width, options->filter_width(), options->stride_w(), 1};
  const auto attributes = window_attributes(context, out, rows, columns, options->padding(), in.channels);
  const bool whole = rows.window == in.height && columns.window == in.width && out.height == 1 && out.width == 1;
  if (whole) return finish_activated(context, "GlobalAveragePool", {in.value}, out, options->fused_activation(), {});
  finish_activated(context, "AveragePool", {in.value}, out, options->fused_activation(), attributes);
}

/// Only over height and width, as pooling does.
void translate_mean(OperatorContext& context) {
  const Image in = context.input(0);
  const Image out = context.output();
  auto axes = context.integers(1);
  for (auto& axis : axes)
    if (axis < 0) axis += 4;
  std::sort(axes.begin(), axes.end());
  const auto* options = context.raw().options_as_ReducerOptions();
  if (options == nullptr || !options->keep_dims() || axes != std::vector<std::int32_t>{1, 2})
    context.refuse("does not average over height and width, which is all that ViBa knows");
  context.expect(out, 1, 1, in.channels);
  if (context.ok()) context.finish("GlobalAveragePool", {in.value}, out);
}

void translate_resize(OperatorContext& context) {
  const Image in = context.input(0);
  const Image out = context.output();
  const auto size = context.integers(1);
  const auto* options = context.raw().options_as_ResizeBilinearOptions();
  if (options == nullptr || !options->half_pixel_centers() || options->align_corners())
    context.refuse("takes pixels at their corners instead of their centres, which ViBa does not know");
  if (size.size() != 2) context.refuse("has no size", ErrorCode::kBadData);
  if (!context.ok()) return;
  context.expect(out, size[0], size[1], in.channels);
  if (!context.ok()) return;
  const onnx::Attributes attributes{{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}};
  // The runtime's fast path wants factors, but only whole ones are sure to give the size again.
  if (out.height % in.height == 0 && out.width % in.width == 0) {
    const auto down = out.height / in.height;
    const auto across = out.width / in.width;
    const std::vector<float> factors{1, 1, static_cast<float>(down), static_cast<float>(across)};
    return context.finish("Resize", {in.value, "", context.add_constant("factors", {4}, factors)}, out, attributes);
  }
  context.finish("Resize", {in.value, "", "", context.add_constant("size", {4}, out.shape())}, out, attributes);
}

template <class Options>
void translate_arithmetic(OperatorContext& context, std::string_view op_type, const Options* options) {
  const Image left = context.input(0);
  const Image right = context.input(1);
  const Image out = context.output();
  const auto joined = [&context](std::int64_t a, std::int64_t b) {
    if (a != b && a != 1 && b != 1) context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
    return std::max(a, b);
  };
  context.expect(out, joined(left.height, right.height), joined(left.width, right.width),
                 joined(left.channels, right.channels));
  const Activation activation = options == nullptr ? Activation::NONE : options->fused_activation();
  finish_activated(context, op_type, {left.value, right.value}, out, activation, {});
}

void translate_add(OperatorContext& context) {
  translate_arithmetic(context, "Add", context.raw().options_as_AddOptions());
}

void translate_mul(OperatorContext& context) {
  translate_arithmetic(context, "Mul", context.raw().options_as_MulOptions());
}

/// Cell by cell, the size stays.
void translate_unary(OperatorContext& context, std::string_view op_type) {
  const Image in = context.input(0);
  const Image out = context.output();
  context.expect(out, in.height, in.width, in.channels);
  if (context.ok()) context.finish(op_type, {in.value}, out);
}

void translate_relu(OperatorContext& context) { translate_unary(context, "Relu"); }
void translate_logistic(OperatorContext& context) { translate_unary(context, "Sigmoid"); }

/// As a product: the runtime's own operator of that name is not in the blocked layout, and the form
/// with a clip costs a pass more.
void translate_hard_swish(OperatorContext& context) {
  const Image in = context.input(0);
  const Image out = context.output();
  context.expect(out, in.height, in.width, in.channels);
  if (!context.ok()) return;
  const std::string gate =
      context.add_step("gate", "HardSigmoid", {in.value}, out.shape(), {{"alpha", 1.0F / 6}, {"beta", 0.5F}});
  context.finish("Mul", {in.value, gate}, out);
}

/// Weights are stored as 16-bit floats; they are widened where they are used.
void translate_dequantize(OperatorContext& context) { context.forward_constant(0); }

struct Translation {
  std::string_view name;
  bool custom;
  void (*run)(OperatorContext& context);
};

constexpr Translation kTranslations[] = {
    {"ADD", false, translate_add},
    {"AVERAGE_POOL_2D", false, translate_average_pool},
    {"CONV_2D", false, translate_conv},
    {"DEPTHWISE_CONV_2D", false, translate_depthwise_conv},
    {"DEQUANTIZE", false, translate_dequantize},
    {"HARD_SWISH", false, translate_hard_swish},
    {"LOGISTIC", false, translate_logistic},
    {"MEAN", false, translate_mean},
    {"MUL", false, translate_mul},
    {"RELU", false, translate_relu},
    {"RESIZE_BILINEAR", false, translate_resize},
    {"Convolution2DTransposeBias", true, translate_transposed_conv},
};

}  // namespace

Result<void> translate(OperatorContext& context, const OperatorView& op) {
  const auto* translation = std::find_if(std::begin(kTranslations), std::end(kTranslations), [&op](const auto& row) {
    return row.custom == op.custom && row.name == op.name;
  });
  if (translation == std::end(kTranslations))
    context.refuse("is not one that ViBa can run; use --model-name selfie");
  else
    translation->run(context);
  if (context.error()) return tl::unexpected(*context.error());
  return {};
}

}  // namespace viba::tflite
