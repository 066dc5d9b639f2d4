#include <fmt/format.h>

#include <algorithm>

#include "segment/import_math.h"
#include "segment/tfjs_operators.h"

namespace viba::tfjs {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 26;  ///< of one picture
constexpr std::size_t kMostValues = 10'000;                    ///< of all nodes together

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
  // How many outputs a node on the branch that is not taken would have had is not known.
  const auto node = state_.values.find(node_of_output(node_.inputs[slot]));
  if (node != state_.values.end() && node->second.dead) return node->second;
  refuse(fmt::format("takes \"{}\", which is not there", printable(node_.inputs[slot])), ErrorCode::kBadData);
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

const Weights* OperatorContext::constant(std::size_t slot) {
  static const Weights kOne{.shape = {}, .values = std::vector<float>(1)};
  if (const Weights* weights = value(slot).constant) return weights;
  if (ok()) refuse(fmt::format("needs \"{}\" to be constant numbers", printable(node_.inputs[slot])));
  return &kOne;
}

std::vector<std::int64_t> OperatorContext::integers(std::size_t slot) {
  const Weights* weights = value(slot).constant;
  const auto* values = weights == nullptr ? nullptr : std::get_if<std::vector<std::int32_t>>(&weights->values);
  if (values != nullptr) return {values->begin(), values->end()};
  if (ok()) refuse(fmt::format("needs \"{}\" to be constant whole numbers", printable(node_.inputs[slot])));
  return {};
}

std::int64_t OperatorContext::integer(std::size_t slot) {
  const auto values = integers(slot);
  if (values.size() == 1) return values[0];
  if (ok()) refuse(fmt::format("needs \"{}\" to be a single number", printable(node_.inputs[slot])));
  return 0;
}

Shape OperatorContext::shape(std::size_t slot) {
  if (is_constant(slot)) return constant(slot)->shape;
  const Image picture = image(slot);
  return {1, picture.height, picture.width, picture.channels};
}

std::size_t OperatorContext::axis(std::int64_t wanted, std::size_t rank) {
  const auto found = axis_of(wanted, rank);
  if (found < 0) refuse("works along an axis that is not there", ErrorCode::kBadData);
  return static_cast<std::size_t>(std::max<std::int64_t>(found, 0));
}

std::vector<std::int64_t> OperatorContext::numbers(std::string_view attribute) const {
  const auto found = node_.attributes.find(attribute);
  return found == node_.attributes.end() ? std::vector<std::int64_t>{} : found->second.numbers;
}

std::vector<std::string> OperatorContext::texts(std::string_view attribute) const {
  const auto found = node_.attributes.find(attribute);
  return found == node_.attributes.end() ? std::vector<std::string>{} : found->second.texts;
}

std::int64_t OperatorContext::number(std::string_view attribute, std::int64_t otherwise) const {
  const auto found = numbers(attribute);
  return found.empty() ? otherwise : found[0];
}

std::string OperatorContext::type(std::string_view attribute) const {
  const auto found = node_.attributes.find(attribute);
  return found == node_.attributes.end() ? "" : found->second.type;
}

Image OperatorContext::result(std::int64_t height, std::int64_t width, std::int64_t channels,
                              std::size_t output) const {
  return {output == 0 ? value_name_ : fmt::format("{}.{}", value_name_, output), height, width, channels};
}

bool OperatorContext::affords(std::int64_t numbers) {
  if (numbers < 0 || numbers > state_.constants_left) refuse("asks for too much memory");
  if (!ok()) return false;
  state_.constants_left -= numbers;
  return true;
}

std::string OperatorContext::add_constant(std::string_view suffix, const onnx::Shape& shape,
                                          const std::vector<float>& values) {
  std::string name = fmt::format("{}.{}", value_name_, suffix);
  if (affords(std::ssize(values))) state_.builder.add_constant(name, shape, std::span<const float>(values));
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
                             const onnx::Attributes& attributes, std::size_t output) {
  if (!ok() || !fits(result)) return;
  state_.builder.add_node(op_type, inputs, result.value, result.shape(), attributes);
  finish(Value{.image = result}, output);
}

void OperatorContext::finish(Value value, std::size_t output) {
  if (state_.values.size() >= kMostValues) refuse("gives more results than ViBa takes");
  if (!ok()) return;
  const auto key = output == 0 ? node_.name : fmt::format("{}:{}", node_.name, output);
  state_.values[key] = std::move(value);
}

void OperatorContext::finish_folded(std::int64_t count, const std::function<Folded()>& fold, std::size_t output) {
  if (!affords(count)) return;
  auto folded = fold();
  if (!folded) return refuse(folded.error(), ErrorCode::kBadData);
  Value value;
  value.constant = &state_.folded.emplace_back(std::move(*folded));
  finish(std::move(value), output);
}

}  // namespace viba::tfjs
