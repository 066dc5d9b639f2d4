#include "segment/tfjs_json.h"

#include <charconv>
#include <limits>
#include <optional>

namespace viba::tfjs {
namespace {

using nlohmann::json;

/// JSON made from protocol buffers writes bytes in base 64. What is none gives an empty text.
std::string decoded(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string result;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    result += static_cast<char>(bits >> count & 0xff);
  }
  return result;
}

/// 64-bit numbers stand in JSON as texts. What is none becomes a number that no attribute takes.
std::int64_t number_of(const json& value) {
  constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return kNone;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : kNone;
}

/// Nothing when the shape is of any rank.
std::optional<std::vector<std::int64_t>> sides_of(const json* shape) {
  if (shape == nullptr) return std::nullopt;
  if (const json* unknown = member(*shape, "unknownRank"); unknown != nullptr && number_of(*unknown) == 1)
    return std::nullopt;
  std::vector<std::int64_t> sides;
  if (const json* list = member(*shape, "dim"); list != nullptr && list->is_array())
    for (const json& side : *list)
      if (const json* size = member(side, "size")) sides.push_back(number_of(*size));
  return sides;
}

std::string without_output_zero(std::string name) {
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  return name;
}

std::vector<Port> stated_ports(const json* list) {
  std::vector<Port> ports;
  if (list == nullptr || !list->is_object()) return ports;
  for (const auto& [key, content] : list->items()) {
    auto sides = sides_of(member(content, "tensorShape"));
    Port port{.name = without_output_zero(text_of(member(content, "name"))),
              .shape = {},
              .shape_known = sides.has_value(),
              .label = without_output_zero(key)};
    if (sides) port.shape = std::move(*sides);
    if (!port.name.empty()) ports.push_back(std::move(port));
  }
  return ports;
}

}  // namespace

const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

Attribute attribute_of(const json& value) {
  Attribute attribute;
  const auto add = [&attribute](const json& from, bool list) {
    for (const char* key : {"i", "b"})
      if (const json* numbers = member(from, key)) {
        if (!list)
          attribute.numbers.push_back(number_of(*numbers));
        else if (numbers->is_array())
          for (const json& number : *numbers) attribute.numbers.push_back(number_of(number));
      }
    if (const json* texts = member(from, "s")) {
      if (!list)
        attribute.texts.push_back(decoded(text_of(texts)));
      else if (texts->is_array())
        for (const json& text : *texts) attribute.texts.push_back(decoded(text_of(&text)));
    }
  };
  add(value, false);
  if (const json* list = member(value, "list")) add(*list, true);
  if (const json* type = member(value, "type")) attribute.type = text_of(type);
  if (auto sides = sides_of(member(value, "shape"))) {
    attribute.shape_known = true;
    attribute.numbers.insert(attribute.numbers.end(), sides->begin(), sides->end());
  }
  return attribute;
}

Signature stated_signature(const json& root) {
  const json* stated = member(root, "signature");
  if (stated == nullptr)
    if (const json* metadata = member(root, "userDefinedMetadata")) stated = member(*metadata, "signature");
  if (stated == nullptr) return {};
  return {stated_ports(member(*stated, "inputs")), stated_ports(member(*stated, "outputs"))};
}

}  // namespace viba::tfjs
