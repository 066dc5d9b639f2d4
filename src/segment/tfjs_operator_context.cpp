#include <fmt/format.h>

#include "segment/import_math.h"
#include "segment/tfjs_operators.h"

namespace viba::tfjs {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 26;  ///< of one picture

}  // namespace

void OperatorContext::refuse(std::string_view why, ErrorCode code) {
  if (error_) return;
  error_ = Error{code, fmt::format("The model file {} cannot be used: the operator {} of its node \"{}\" {}.",
                                   state_.model.file, printable(node_.op), printable(node_.name), why)};
}

const Value& OperatorContext::value(std::size_t slot) {
  static const Value kNone;
  if (slot >= node_.inputs.size()) {
    refuse("has too few inputs", ErrorCode::kBadData);
    return kNone;
  }
  const auto found = state_.values.find(node_.inputs[slot]);
  if (found != state_.values.end()) return found->second;
  refuse("takes what was not computed before it", ErrorCode::kInternal);
  return kNone;
}

bool OperatorContext::is_constant(std::size_t slot) { return value(slot).constant != nullptr; }

Image OperatorContext::image(std::size_t slot) {
  const Value& found = value(slot);
  if (!found.image.value.empty()) return found.image;
  if (ok()) refuse(fmt::format("needs \"{}\" to be a picture", printable(node_.inputs[slot])));
  return {};
}

OperatorContext::Floats OperatorContext::floats(std::size_t slot) {
  const Weights* weights = value(slot).constant;
  const auto* values = weights == nullptr ? nullptr : std::get_if<std::vector<float>>(&weights->values);
  Floats result;
  if (values == nullptr || weights->shape.size() > result.shape.size()) {
    if (ok()) refuse(fmt::format("needs \"{}\" to be constant numbers", printable(node_.inputs[slot])));
    static const std::vector<float> kOne(1);
    result.values = &kOne;
    return result;
  }
  result.values = values;
  result.rank = weights->shape.size();
  std::copy_backward(weights->shape.begin(), weights->shape.end(), result.shape.end());
  return result;
}

std::vector<std::int32_t> OperatorContext::integers(std::size_t slot) {
  const Weights* weights = value(slot).constant;
  const auto* values = weights == nullptr ? nullptr : std::get_if<std::vector<std::int32_t>>(&weights->values);
  if (values != nullptr) return *values;
  if (ok()) refuse(fmt::format("needs \"{}\" to be constant whole numbers", printable(node_.inputs[slot])));
  return {};
}

std::vector<std::int64_t> OperatorContext::numbers(std::string_view attribute) const {
  const auto found = node_.attributes.find(attribute);
  return found == node_.attributes.end() ? std::vector<std::int64_t>{} : found->second.numbers;
}

std::vector<std::string> OperatorContext::texts(std::string_view attribute) const {
  const auto found = node_.attributes.find(attribute);
  return found == node_.attributes.end() ? std::vector<std::string>{} : found->second.texts;
}

std::string OperatorContext::add_constant(std::string_view suffix, const onnx::Shape& shape,
                                          const std::vector<float>& values) {
  std::string name = fmt::format("{}.{}", value_name_, suffix);
  state_.constants_left -= std::ssize(values);
  if (state_.constants_left < 0) refuse("asks for too much memory");
  if (!ok()) return name;
  state_.builder.add_constant(name, shape, std::span<const float>(values));
  return name;
}

std::string OperatorContext::add_constant(std::string_view suffix, const onnx::Shape& shape,
                                          const std::vector<std::int64_t>& values) {
  std::string name = fmt::format("{}.{}", value_name_, suffix);
  state_.builder.add_constant(name, shape, std::span<const std::int64_t>(values));
  return name;
}

std::string OperatorContext::add_step(std::string_view suffix, std::string_view op_type,
                                      const std::vector<std::string>& inputs, const Image& like,
                                      const onnx::Attributes& attributes) {
  std::string name = fmt::format("{}.{}", value_name_, suffix);
  state_.builder.add_node(op_type, inputs, name, like.shape(), attributes);
  return name;
}

bool OperatorContext::fits(const Image& image) {
  std::int64_t left = kMostElements;
  for (const auto side : {image.height, image.width, image.channels}) {
    if (side < 1) {
      refuse("makes a picture without pixels");
      return false;
    }
    left /= side;
  }
  if (left == 0) refuse("asks for too much memory");
  return left > 0;
}

void OperatorContext::finish(std::string_view op_type, const std::vector<std::string>& inputs, const Image& result,
                             const onnx::Attributes& attributes) {
  if (!ok() || !fits(result)) return;
  state_.builder.add_node(op_type, inputs, result.value, result.shape(), attributes);
  finish(Value{.image = result});
}

}  // namespace viba::tfjs
