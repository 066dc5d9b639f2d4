#include "segment/tflite_importer.h"

#include <fmt/format.h>

#include <algorithm>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tflite_operators.h"
#include "tflite_generated.h"

namespace viba::tflite {
namespace {

tl::unexpected<Error> refused(const ModelView& model, ErrorCode code, std::string_view why) {
  return fail(code, fmt::format("The model file {} cannot be used: {}.", model.file, why));
}

bool is_image(const TensorView& tensor) {
  return tensor.type == TensorType::FLOAT32 && tensor.shape.size() == 4 && tensor.shape[0] == 1 && tensor.data.empty();
}

onnx::Shape planar_shape(const TensorView& tensor) { return {1, tensor.shape[3], tensor.shape[1], tensor.shape[2]}; }

Result<void> add_inputs(const ModelView& model, onnx::GraphBuilder& builder, std::vector<TensorState>& states) {
  if (model.inputs.empty()) return refused(model, ErrorCode::kBadData, "it takes no input");
  for (const int index : model.inputs) {
    const TensorView& tensor = model.tensors[static_cast<std::size_t>(index)];
    TensorState& state = states[static_cast<std::size_t>(index)];
    if (!is_image(tensor)) return refused(model, ErrorCode::kUnsupported, "its input is no picture of 32-bit floats");
    if (!state.value.empty()) return refused(model, ErrorCode::kBadData, "it names one input twice");
    state.value = fmt::format("t{}", index);
    builder.add_input(state.value, planar_shape(tensor));
  }
  return {};
}

Result<void> add_operators(const ModelView& model, onnx::GraphBuilder& builder, ImportState& import) {
  for (const OperatorView& op : model.operators) {
    OperatorContext context(model, op, import, builder);
    for (const int index : op.outputs) {
      const TensorState& state = import.tensors[static_cast<std::size_t>(index)];
      if (!state.value.empty() || state.same_constant) context.refuse("makes it a second time", ErrorCode::kBadData);
    }
    if (op.outputs.empty()) context.refuse("has no output", ErrorCode::kBadData);
    if (context.error()) return tl::unexpected(*context.error());
    if (auto done = translate(context, op); !done) return done;
  }
  return {};
}

Result<void> add_outputs(const ModelView& model, onnx::GraphBuilder& builder, const std::vector<TensorState>& states) {
  if (model.outputs.empty()) return refused(model, ErrorCode::kBadData, "it gives no output");
  std::vector<bool> seen(states.size());
  for (const int index : model.outputs) {
    const auto at = static_cast<std::size_t>(index);
    const bool computed = !states[at].value.empty() && std::ranges::find(model.inputs, index) == model.inputs.end();
    if (!computed) return refused(model, ErrorCode::kBadData, "nothing in it computes its output");
    if (seen[at]) return refused(model, ErrorCode::kBadData, "it names one output twice");
    seen[at] = true;
    builder.add_output(states[at].value, planar_shape(model.tensors[at]));
  }
  return {};
}

}  // namespace

Result<void> import_model(const ModelView& model, onnx::Graph& graph) {
  onnx::GraphBuilder builder(graph);
  ImportState state{.tensors = std::vector<TensorState>(model.tensors.size())};
  auto done = add_inputs(model, builder, state.tensors);
  if (done) done = add_operators(model, builder, state);
  if (done) done = add_outputs(model, builder, state.tensors);
  return done;
}

}  // namespace viba::tflite
