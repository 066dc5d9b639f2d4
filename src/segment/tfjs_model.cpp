#include "segment/tfjs_model.h"

#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "segment/file_bytes.h"
#include "segment/import_math.h"
#include "segment/tfjs_error.h"
#include "segment/tfjs_json.h"
#include "segment/tfjs_weights.h"

namespace viba::tfjs {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostJsonBytes = std::uint64_t{1} << 24;  ///< some hundred times a real one
constexpr std::size_t kMostNodes = 4'000;  ///< ten times those of ResNet50; the runtime's time grows with their square

/// Whether `output` is "name" or "name:1".
bool is_output(std::string_view output) {
  const auto colon = output.find(':');
  if (colon == std::string_view::npos) return !output.empty();
  const auto number = output.substr(colon + 1);
  constexpr std::size_t kMostDigits = 3;
  return colon > 0 && !number.empty() && number.size() <= kMostDigits &&
         number.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What comes as "name", "name:1" or "^name", which only orders and carries nothing.
Result<void> add_input(const json& input, Node& node, const std::string& file) {
  std::string name = text_of(&input);
  if (name.starts_with('^')) return {};
  if (name.ends_with(":0")) name.resize(name.size() - 2);
  if (!is_output(name))
    return unsupported(file, fmt::format("its node \"{}\" takes \"{}\", which ViBa does not know", printable(node.name),
                                         printable(name)));
  node.inputs.push_back(std::move(name));
  return {};
}

Result<Node> node_of(const json& value, const std::string& file) {
  Node node{.name = text_of(member(value, "name")), .op = text_of(member(value, "op"))};
  if (node.name.empty() || node.op.empty()) return damaged(file, "one of its nodes has no name or no operator");
  if (node.name.find(':') != std::string::npos)
    return unsupported(file, fmt::format("its node \"{}\" has a colon in its name", printable(node.name)));
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

/// The whole file, of which the two parts that a graph model has are there.
Result<json> root_of(std::string_view text, const std::string& file) {
  json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) return damaged(file, "it is no JSON, or it is cut off");
  if (member(root, "modelTopology") == nullptr || member(root, "weightsManifest") == nullptr)
    return fail(
        ErrorCode::kBadData,
        fmt::format("{} is no TF.js model; give the model.json of a BodyPix model, or leave --model-name out.", file));
  return root;
}

}  // namespace

Result<Model> parse_model(std::string_view text, const std::string& file, const ShardReader& read) try {
  const auto root = root_of(text, file);
  if (!root) return tl::unexpected(root.error());
  auto nodes = nodes_of(root->at("modelTopology"), file);
  if (!nodes) return tl::unexpected(std::move(nodes).error());
  auto weights = read_weights(root->at("weightsManifest"), file, read);
  if (!weights) return tl::unexpected(std::move(weights).error());
  return Model{
      .file = file, .nodes = std::move(*nodes), .weights = std::move(*weights), .stated = stated_signature(*root)};
} catch (const std::exception& error) {
  return damaged(file, error.what());
}

Result<Model> parse_model(std::string_view text, const std::string& file, const std::string& folder) {
  return parse_model(text, file, [&folder](const std::string& name, std::uint64_t most) {
    return file_bytes(fmt::format("{}/{}", folder, name), most);
  });
}

Result<std::vector<ShardGroup>> list_shards(std::string_view text, const std::string& file) try {
  const auto root = root_of(text, file);
  if (!root) return tl::unexpected(root.error());
  return shard_groups(root->at("weightsManifest"), file);
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
