#include <fmt/format.h>

#include <algorithm>

#include "segment/import_math.h"
#include "segment/tfjs_operators.h"

/// Convolutions and pooling, whatever slides a window over a picture.
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

/// What becomes of it is seen when the small pictures are put together again.
void convolve_dealt(OperatorContext& context) {
  Value value = context.value(0);
  const auto padding = context.texts("padding");
  if (value.dealt->convolution != nullptr || steps(context, "strides") != Pair{1, 1} ||
      steps(context, "dilations") != Pair{1, 1} ||
      (padding != std::vector<std::string>{"VALID"} && padding != std::vector<std::string>{"SAME"}))
    context.refuse("takes a picture that is dealt out to several in a way that ViBa does not know");
  value.dealt->convolution = &context.node();
  context.finish(std::move(value));
}

/// Filters are held as height x width x channels x results, those of depthwise ones for each channel.
void translate_convolution(OperatorContext& context, bool depthwise) {
  if (context.value(0).dealt) return convolve_dealt(context);
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

/// How much longer a side is than what a transposed convolution makes of it by itself.
std::int64_t left_over(const WindowAxis& large, const Sliding& sliding) {
  return large.in + sliding.before + sliding.after - (large.stride * (sliding.out - 1) + large.reach());
}

/// TensorFlow knows it as the way of a gradient back through a convolution: that one's input has the
/// size that comes out here. Filters are held as height x width x results x channels.
void translate_transposed_conv(OperatorContext& context) {
  const auto size = context.integers(0);
  const auto filter = context.floats(1);
  const Image in = context.image(2);
  const auto [height, width, results, depth] = filter.shape;
  const Pair stride = steps(context, "strides");
  if (size.size() != 4 || filter.rank != 4 || depth != in.channels || size[3] != results)
    context.refuse("has a filter or a size that does not fit its picture", ErrorCode::kBadData);
  if (steps(context, "dilations") != Pair{1, 1}) context.refuse("has dilations, which ViBa does not know here");
  if (!context.ok()) return;
  const WindowAxis tall{size[1], height, stride[0]}, wide{size[2], width, stride[1]};
  auto [rows, columns, attributes] = window(context, tall, wide);
  if (context.ok() && (rows.out != in.height || columns.out != in.width))
    context.refuse("gives a size that does not fit its picture", ErrorCode::kBadData);
  if (!context.ok()) return;
  attributes.emplace_back("output_padding", std::vector{left_over(tall, rows), left_over(wide, columns)});
  const auto weights = context.add_constant("filter", {depth, results, height, width},
                                            permuted(*filter.values, filter.shape, {3, 2, 0, 1}));
  context.finish("ConvTranspose", {in.value, weights}, context.result(size[1], size[2], results), attributes);
}

/// As many whole numbers as the array holds, each of them a step.
template <std::size_t kCount>
std::array<std::int64_t, kCount> small_steps(OperatorContext& context, std::size_t slot, std::int64_t least) {
  std::array<std::int64_t, kCount> result{};
  const auto values = context.integers(slot);
  const auto fits = [least](std::int64_t x) { return x >= least && x <= kLargestStep; };
  if (values.size() != kCount || !std::ranges::all_of(values, fits))
    context.refuse("deals out a picture in steps out of range", ErrorCode::kBadData);
  else
    std::ranges::copy(values, result.begin());
  return result;
}

void translate_space_to_batch(OperatorContext& context) {
  const Image in = context.image(0);
  const Dealt dealt{
      .deal = &context.node(), .block = small_steps<2>(context, 1, 1), .added = small_steps<4>(context, 2, 0)};
  if (context.ok()) context.finish(Value{.dealt = dealt});
}

/// How far "SAME" reaches over each end of a picture when every pixel gives a result: half of the
/// window, the odd pixel behind.
std::array<std::int64_t, 4> same_paddings(OperatorContext::Floats filter) {
  const auto [rows, columns] = std::pair{filter.shape[0] - 1, filter.shape[1] - 1};
  return {rows / 2, rows - rows / 2, columns / 2, columns - columns / 2};
}

/// The whole becomes one convolution with dilations and paddings.
void translate_batch_to_space(OperatorContext& context) {
  const auto dealt = context.value(0).dealt;
  const auto block = small_steps<2>(context, 1, 1);
  const auto removed = small_steps<4>(context, 2, 0);
  if (context.ok() && (!dealt || dealt->convolution == nullptr || dealt->block != block))
    context.refuse("puts together what is no picture that was dealt out and convolved");
  if (!context.ok()) return;
  Node whole = *dealt->convolution;
  whole.name = context.node().name;
  whole.inputs[0] = dealt->deal->inputs[0];
  OperatorContext convolution(context.state(), whole, context.value_name());
  const bool same = convolution.texts("padding") == std::vector<std::string>{"SAME"};
  std::array<std::int64_t, 4> paddings{};
  if (same) paddings = same_paddings(convolution.floats(1));
  for (std::size_t i = 0; i < paddings.size(); ++i) {
    paddings[i] = paddings[i] * block[i / 2] + dealt->added[i] - removed[i];
    if (paddings[i] < 0) context.refuse("takes more pixels away than were added");
  }
  if (!context.ok()) return;
  whole.attributes["dilations"].numbers = {1, block[0], block[1], 1};
  whole.attributes["padding"].texts = {"EXPLICIT"};
  whole.attributes["explicit_paddings"].numbers = {0, 0, paddings[0], paddings[1], paddings[2], paddings[3], 0, 0};
  translate_convolution(convolution, find_window_operator(whole.op) == translate_depthwise_conv);
  context.adopt(convolution.error());
}

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

constexpr std::pair<std::string_view, Translation> kTranslations[] = {
    {"AvgPool", translate_average_pool},
    {"BatchToSpaceND", translate_batch_to_space},
    {"Conv2D", translate_conv},
    {"Conv2DBackpropInput", translate_transposed_conv},
    {"DepthwiseConv2dNative", translate_depthwise_conv},
    {"FusedDepthwiseConv2dNative", translate_depthwise_conv},
    {"MaxPool", translate_max_pool},
    {"SpaceToBatchND", translate_space_to_batch},
    {"_FusedConv2D", translate_conv},
};

}  // namespace

Translation find_window_operator(std::string_view op) { return find_in(kTranslations, op); }

}  // namespace viba::tfjs
