#include "segment/tfjs_operators.h"

#include <fmt/format.h>

#include <algorithm>

#include "segment/import_math.h"

namespace viba::tfjs {
namespace {

/// What depends on a branch that is not taken is not on it either. Only a merge chooses for itself.
bool is_dead(OperatorContext& context) {
  if (context.node().op == "Merge") return false;
  for (std::size_t slot = 0; slot < context.input_count(); ++slot)
    if (context.value(slot).dead) return true;
  return false;
}

Translation find_translation(std::string_view op) {
  for (const auto find :
       {find_window_operator, find_picture_operator, find_cut_operator, find_shape_operator, find_flow_operator})
    if (const Translation found = find(op)) return found;
  return nullptr;
}

}  // namespace

void expect_channels_last(OperatorContext& context) {
  const auto format = context.texts("data_format");
  if (!format.empty() && format != std::vector<std::string>{"NHWC"})
    context.refuse("does not hold its channels innermost, which ViBa does not know");
}

/// One side of an arithmetic operator: a picture, or a constant turned to the order of pictures.
Image operand(OperatorContext& context, std::size_t slot) {
  if (!context.is_constant(slot)) return context.image(slot);
  const auto constant = context.floats(slot);
  const auto [batch, height, width, channels] = constant.shape;
  if (batch != 1) context.refuse("joins pictures of different sizes", ErrorCode::kBadData);
  if (!context.ok()) return {};
  return {context.add_constant(fmt::format("operand{}", slot), {1, channels, height, width},
                               permuted(*constant.values, constant.shape, {0, 3, 1, 2})),
          height, width, channels};
}

Result<void> translate(OperatorContext& context) {
  if (is_dead(context)) {
    context.finish(Value{.dead = true});
  } else if (const Translation translation = find_translation(context.node().op)) {
    translation(context);
  } else {
    context.refuse("is not one that ViBa can run; use --model-name selfie");
  }
  if (context.error()) return tl::unexpected(*context.error());
  return {};
}

}  // namespace viba::tfjs
