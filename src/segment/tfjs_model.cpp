#include "segment/tfjs_model.h"

#include <charconv>
#include <exception>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "segment/file_bytes.h"
#include "segment/import_math.h"
#include "segment/tfjs_error.h"
#include "segment/tfjs_weights.h"

namespace viba::tfjs {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostJsonBytes = std::uint64_t{1} << 24;  ///< some hundred times a real one
constexpr std::size_t kMostNodes = 4'000;  ///< ten times those of ResNet50; the runtime's time grows with their square

/// Null when `object` is none or has no such member.
const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : "";
}

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
  const json* shape = member(value, "shape");
  const json* sides = shape == nullptr ? nullptr : member(*shape, "dim");
  if (sides != nullptr && sides->is_array())
    for (const json& side : *sides)
      if (const json* size = member(side, "size")) attribute.numbers.push_back(number_of(*size));
  return attribute;
}

/// What comes as "name", "name:0" or "^name", which only orders and carries nothing.
Result<void> add_input(const json& input, Node& node, const std::string& file) {
  std::string name = text_of(&input);
  if (name.starts_with('^')) return {};
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  if (name.empty() || name.find(':') != std::string::npos)
    return unsupported(file, fmt::format("its node \"{}\" takes \"{}\", which ViBa does not know", printable(node.name),
                                         printable(name)));
  node.inputs.push_back(std::move(name));
  return {};
}

Result<Node> node_of(const json& value, const std::string& file) {
  Node node{.name = text_of(member(value, "name")), .op = text_of(member(value, "op"))};
  if (node.name.empty() || node.op.empty()) return damaged(file, "one of its nodes has no name or no operator");
  const json* inputs = member(value, "input");
  const json* attributes = member(value, "attr");
  if (inputs != nullptr && inputs->is_array())
    for (const json& input : *inputs)
      if (auto done = add_input(input, node, file); !done) return tl::unexpected(std::move(done).error());
  if (attributes != nullptr && attributes->is_object())
    for (const auto& [key, content] : attributes->items()) node.attributes.emplace(key, attribute_of(content));
  return node;
}

Result<std::vector<Node>> nodes_of(const json& topology, const std::string& file) {
  const json* list = member(topology, "node");
  if (list == nullptr || !list->is_array())
    return unsupported(file, "it is no TF.js graph model (it may be a layers model, which holds no graph)");
  if (list->size() > kMostNodes) return unsupported(file, fmt::format("it has more than {} nodes", kMostNodes));
  std::vector<Node> nodes;
  for (const json& value : *list) {
    auto node = node_of(value, file);
    if (!node) return tl::unexpected(std::move(node).error());
    nodes.push_back(std::move(*node));
  }
  return nodes;
}

}  // namespace

Result<Model> parse_model(std::string_view text, const std::string& file, const std::string& folder) try {
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return damaged(file, "it is no JSON, or it is cut off");
  const json* topology = member(root, "modelTopology");
  const json* manifest = member(root, "weightsManifest");
  if (topology == nullptr || manifest == nullptr)
    return fail(
        ErrorCode::kBadData,
        fmt::format("{} is no TF.js model; give the model.json of a BodyPix model, or leave --model-name out.", file));
  auto nodes = nodes_of(*topology, file);
  if (!nodes) return tl::unexpected(std::move(nodes).error());
  auto weights = read_weights(*manifest, file, folder);
  if (!weights) return tl::unexpected(std::move(weights).error());
  return Model{.file = file, .nodes = std::move(*nodes), .weights = std::move(*weights)};
} catch (const std::exception& error) {
  return damaged(file, error.what());
}

Result<Model> read_model(const std::string& path) {
  const auto bytes = file_bytes(path, kMostJsonBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto folder = std::filesystem::path(path).parent_path();
  return parse_model({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path,
                     folder.empty() ? "." : folder.string());
}

}  // namespace viba::tfjs
