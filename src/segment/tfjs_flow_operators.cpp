#include <algorithm>

#include "segment/tfjs_operators.h"

/// Where values come from, and which way they go.
namespace viba::tfjs {
namespace {

void translate_const(OperatorContext& context) {
  const auto& weights = context.state().model.weights;
  const auto found = weights.find(context.node().name);
  if (found == weights.end()) return context.refuse("has no content in the list of weights", ErrorCode::kBadData);
  context.finish(Value{.constant = &found->second});
}

/// Those that stay inputs have their values from the beginning.
void translate_placeholder(OperatorContext& context) {
  ImportState& state = context.state();
  if (state.values.contains(context.node().name)) return;
  const auto number = state.settings.constants.find(context.node().name);
  if (number == state.settings.constants.end()) return context.refuse("is an input that nothing is given for");
  const auto declared = context.numbers("shape");
  if (declared.size() > kMostRank || std::ranges::any_of(declared, [](auto side) { return side != 1 && side != -1; }))
    return context.refuse("does not take a single number");
  context.finish_folded(1, [&] { return Weights{Shape(declared.size(), 1), std::vector{number->second}}; });
}

void translate_identity(OperatorContext& context) {
  const Value same = context.value(0);
  if (context.ok()) context.finish(same);
}

/// Hands its input on to the second output when the condition holds, else to the first.
void translate_switch(OperatorContext& context) {
  const Value same = context.value(0);
  const bool holds = context.integer(1) != 0;
  context.finish(holds ? Value{.dead = true} : same, 0);
  context.finish(holds ? same : Value{.dead = true}, 1);
}

/// Its second output says which of the inputs it took.
void translate_merge(OperatorContext& context) {
  for (std::size_t slot = 0; slot < context.input_count(); ++slot) {
    const Value taken = context.value(slot);
    if (!context.ok()) return;
    if (taken.dead) continue;
    context.finish(taken, 0);
    const std::vector place{static_cast<std::int32_t>(slot)};
    return context.finish_folded(
        1,
        [&] {
          return Weights{{}, place};
        },
        1);
  }
  context.finish(Value{.dead = true});
}

constexpr std::pair<std::string_view, Translation> kTranslations[] = {
    {"Const", translate_const},   {"Identity", translate_identity},       {"Merge", translate_merge},
    {"Switch", translate_switch}, {"Placeholder", translate_placeholder},
};

}  // namespace

Translation find_flow_operator(std::string_view op) { return find_in(kTranslations, op); }

}  // namespace viba::tfjs
