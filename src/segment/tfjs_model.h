#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <viba/result.h>

/// TF.js graph models: a `model.json` that holds a TensorFlow graph, and files of weights ("shards")
/// beside it.
namespace viba::tfjs {

/// An attribute of a node: whole numbers, booleans or the sides of a shape, or texts; empty when it is
/// of another kind.
struct Attribute {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
};

struct Node {
  std::string name;
  std::string op;                   ///< Conv2D
  std::vector<std::string> inputs;  ///< names of nodes; control inputs are left out
  std::map<std::string, Attribute, std::less<>> attributes;
};

/// Content of a constant, dequantized.
struct Weights {
  std::vector<std::int64_t> shape;  ///< every side at least 1; empty for a single number
  std::variant<std::vector<float>, std::vector<std::int32_t>> values;
};

using WeightsByName = std::unordered_map<std::string, Weights>;

/// A model of which every size and length has been checked, but not yet what its nodes mean.
struct Model {
  std::string file;  ///< its name, for errors
  std::vector<Node> nodes;
  WeightsByName weights;  ///< by the names of their nodes
};

/// Reads the shards from the model's own folder and from nowhere else.
/// Errors, each naming the file: kNotFound, kPermission, kIo, kBadData (damaged, or no TF.js model at
/// all), kUnsupported (a kind of it that ViBa does not read, or one that needs more than 1 GiB).
[[nodiscard]] Result<Model> read_model(const std::string& path);

/// As `read_model`, of the content of the .json file. Shards are looked for in `folder`.
[[nodiscard]] Result<Model> parse_model(std::string_view json, const std::string& file, const std::string& folder);

}  // namespace viba::tfjs
