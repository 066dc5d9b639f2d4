#include <fmt/format.h>

#include <cstring>

#include "segment/import_math.h"
#include "segment/tflite_operators.h"
#include "tflite_generated.h"

namespace viba::tflite {
namespace {

template <class T>
std::vector<T> copy_of(std::span<const std::uint8_t> bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

std::vector<float> floats_of(const TensorView& tensor) {
  if (tensor.type == TensorType::FLOAT32) return copy_of<float>(tensor.data);
  std::vector<float> values;
  values.reserve(tensor.data.size() / sizeof(std::uint16_t));
  for (const auto half : copy_of<std::uint16_t>(tensor.data)) values.push_back(float_of_half(half));
  return values;
}

constexpr std::size_t kImageRank = 4;

}  // namespace

void OperatorContext::refuse(std::string_view why, ErrorCode code) {
  if (error_) return;
  const bool known = !op_.outputs.empty();
  const std::string tensor = known ? model_.tensors[static_cast<std::size_t>(op_.outputs[0])].name : "?";
  error_ = Error{code, fmt::format("The model file {} cannot be used: the operator {} that makes its tensor \"{}\" {}.",
                                   model_.file, op_.name, tensor, why)};
}

const TensorView* OperatorContext::tensor(const std::vector<int>& slots, std::size_t slot) {
  if (slot < slots.size() && slots[slot] >= 0) return &model_.tensors[static_cast<std::size_t>(slots[slot])];
  refuse("has too few inputs or outputs", ErrorCode::kBadData);
  return nullptr;
}

Image OperatorContext::input(std::size_t slot) {
  const TensorView* view = tensor(op_.inputs, slot);
  if (view == nullptr) return {};
  const TensorState& state = state_.tensors[static_cast<std::size_t>(op_.inputs[slot])];
  if (state.value.empty()) {
    refuse(fmt::format("takes the tensor \"{}\", which is no picture computed before it", view->name));
    return {};
  }
  return {state.value, view->shape[1], view->shape[2], view->shape[3]};
}

const TensorView* OperatorContext::constant(std::size_t slot) {
  const TensorView* view = tensor(op_.inputs, slot);
  if (view == nullptr) return nullptr;
  if (const auto& same = state_.tensors[static_cast<std::size_t>(op_.inputs[slot])].same_constant) {
    const TensorView& stored = model_.tensors[static_cast<std::size_t>(*same)];
    if (stored.shape == view->shape) return &stored;
  } else if (!view->data.empty()) {
    return view;
  }
  refuse(fmt::format("needs the tensor \"{}\" to be a constant", view->name));
  return nullptr;
}

Weights OperatorContext::weights(std::size_t slot) {
  const TensorView* view = constant(slot);
  if (view == nullptr) return {};
  const bool floats = view->type == TensorType::FLOAT32 || view->type == TensorType::FLOAT16;
  if (!floats || (view->shape.size() != 1 && view->shape.size() != kImageRank)) {
    refuse(fmt::format("has weights \"{}\" that are not 16- or 32-bit floats of 1 or 4 dimensions", view->name));
    return {};
  }
  Weights weights{.values = floats_of(*view)};
  std::copy(view->shape.begin(), view->shape.end(), weights.shape.begin());
  return weights;
}

std::vector<std::int32_t> OperatorContext::integers(std::size_t slot) {
  const TensorView* view = constant(slot);
  if (view == nullptr) return {};
  if (view->type == TensorType::INT32) return copy_of<std::int32_t>(view->data);
  refuse(fmt::format("needs the tensor \"{}\" to hold whole numbers", view->name));
  return {};
}

Image OperatorContext::output() {
  const TensorView* view = tensor(op_.outputs, 0);
  if (view == nullptr) return {};
  if (op_.outputs.size() != 1 || view->type != TensorType::FLOAT32 || view->shape.size() != kImageRank ||
      view->shape[0] != 1 || !view->data.empty()) {
    refuse("makes something else than one picture of 32-bit floats");
    return {};
  }
  return {output_name(), view->shape[1], view->shape[2], view->shape[3]};
}

void OperatorContext::expect(const Image& output, std::int64_t height, std::int64_t width, std::int64_t channels) {
  if (!ok() || output.shape() == onnx::Shape{1, channels, height, width}) return;
  refuse(fmt::format("declares {}x{}x{} where it makes {}x{}x{}", output.height, output.width, output.channels, height,
                     width, channels),
         ErrorCode::kBadData);
}

void OperatorContext::forward_constant(std::size_t slot) {
  const TensorView* from = constant(slot);
  const TensorView* to = tensor(op_.outputs, 0);
  if (!ok() || op_.outputs.size() != 1) return refuse("has too many outputs", ErrorCode::kBadData);
  if (from->shape != to->shape) return refuse("changes the shape of its tensor", ErrorCode::kBadData);
  state_.tensors[static_cast<std::size_t>(op_.outputs[0])].same_constant =
      static_cast<int>(from - model_.tensors.data());
}

std::string OperatorContext::output_name() const { return fmt::format("t{}", op_.outputs[0]); }

std::string OperatorContext::add_constant(std::string_view suffix, const onnx::Shape& shape,
                                          const std::vector<float>& values) {
  std::string name = fmt::format("{}.{}", output_name(), suffix);
  state_.constants_left -= std::ssize(values);
  if (state_.constants_left < 0) refuse("asks for too much memory");
  if (!ok()) return name;
  builder_.add_constant(name, shape, std::span<const float>(values));
  return name;
}

std::string OperatorContext::add_constant(std::string_view suffix, const onnx::Shape& shape,
                                          const std::vector<std::int64_t>& values) {
  std::string name = fmt::format("{}.{}", output_name(), suffix);
  builder_.add_constant(name, shape, std::span<const std::int64_t>(values));
  return name;
}

std::string OperatorContext::add_step(std::string_view suffix, std::string_view op_type,
                                      const std::vector<std::string>& inputs, const onnx::Shape& shape,
                                      const onnx::Attributes& attributes) {
  std::string name = fmt::format("{}.{}", output_name(), suffix);
  builder_.add_node(op_type, inputs, name, shape, attributes);
  return name;
}

void OperatorContext::finish(std::string_view op_type, const std::vector<std::string>& inputs, const Image& output,
                             const onnx::Attributes& attributes) {
  builder_.add_node(op_type, inputs, output.value, output.shape(), attributes);
  state_.tensors[static_cast<std::size_t>(op_.outputs[0])].value = output.value;
}

}  // namespace viba::tflite
