#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "shard_numbers.h"

/// Makes a seed of a real TF.js model: a model.json that needs no weight files, because small
/// constants stand in the names of shards (see shard_numbers.h). Of the others only the shape matters;
/// they become one byte a number, and a quarter of the channels, which is tried much faster.
/// Usage: make_tfjs_seed MODEL.json SEED.json
namespace {

using nlohmann::json;

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t elements_of(const json& weight) {
  std::size_t count = 1;
  for (const json& side : weight.at("shape")) count *= side.get<std::size_t>();
  return count;
}

std::size_t width_of(const json& weight) {
  const json& stored = weight.contains("quantization") ? weight.at("quantization") : weight;
  const auto type = stored.at("dtype").get<std::string>();
  if (type == "bool" || type == "uint8") return 1;
  return type == "uint16" || type == "float16" ? 2 : 4;
}

/// So that sums stay sums: what is put together of 64 and 3 channels has 67.
std::size_t shrunk(std::size_t channels) { return channels < 8 ? channels : channels / 4 + channels % 4; }

/// Filters hold their channels in the last two dimensions, everything else in the last one.
void shrink_channels(json& weight) {
  json& shape = weight.at("shape");
  const std::size_t kept = shape.size() == 4 ? 2 : shape.size() - 1;
  for (std::size_t i = kept; i < shape.size(); ++i) shape[i] = shrunk(shape[i].get<std::size_t>());
}

json groups_of(const json& group, const std::filesystem::path& folder) {
  std::vector<std::uint8_t> bytes;
  for (const json& path : group.at("paths")) {
    const auto shard = bytes_of(folder / path.get<std::string>());
    bytes.insert(bytes.end(), shard.begin(), shard.end());
  }
  json groups = json::array();
  json large = {{"paths", {"1"}}, {"weights", json::array()}};
  std::size_t at = 0;
  for (json weight : group.at("weights")) {
    constexpr std::size_t kSmall = 64;
    const std::size_t size = elements_of(weight) * width_of(weight);
    const std::span<const std::uint8_t> own = std::span(bytes).subspan(at, size);
    at += size;
    const bool whole = weight.at("dtype") != "float32";
    if (size <= kSmall && (whole || elements_of(weight) == 1)) {
      groups.push_back({{"paths", {viba::fuzz::name_of_shard(own)}}, {"weights", {weight}}});
    } else {
      shrink_channels(weight);
      weight["quantization"] = {{"dtype", "uint8"}, {"scale", 0.01}, {"min", 0}};
      large["weights"].push_back(weight);
    }
  }
  groups.push_back(large);
  return groups;
}

/// Long names of nodes become short ones: they are most of the file.
class Names {
 public:
  explicit Names(const json& nodes) {
    constexpr std::size_t kShort = 16;
    for (const json& node : nodes)
      if (const auto name = node.at("name").get<std::string>(); name.size() > kShort)
        short_.emplace(name, "n" + std::to_string(short_.size()));
  }

  /// Of "name", "name:1" or "^name".
  void shorten(json& reference) const {
    const auto text = reference.get<std::string>();
    const std::size_t from = text.starts_with('^') ? 1 : 0;
    const std::size_t to = std::min(text.find(':'), text.size());
    const auto found = short_.find(text.substr(from, to - from));
    if (found != short_.end()) reference = text.substr(0, from) + found->second + text.substr(to);
  }

 private:
  std::map<std::string, std::string> short_;
};

void shorten_names(json& model) {
  json& nodes = model.at("modelTopology").at("node");
  const Names names(nodes);
  for (json& node : nodes) {
    names.shorten(node.at("name"));
    if (node.contains("input"))
      for (json& input : node.at("input")) names.shorten(input);
  }
  for (json& group : model.at("weightsManifest"))
    for (json& weight : group.at("weights")) names.shorten(weight.at("name"));
  if (!model.contains("signature")) return;
  for (const char* side : {"inputs", "outputs"})
    if (model.at("signature").contains(side))
      for (json& port : model.at("signature").at(side))
        if (port.contains("name")) names.shorten(port.at("name"));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  json model = json::parse(std::ifstream(argv[1]));
  json manifest = json::array();
  for (const json& group : model.at("weightsManifest"))
    for (json& part : groups_of(group, std::filesystem::path(argv[1]).parent_path())) manifest.push_back(part);
  model["weightsManifest"] = manifest;
  shorten_names(model);
  std::ofstream(argv[2]) << model.dump();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
  return 1;
}
