#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <viba/result.h>

#include "segment/signature.h"

/// TF.js graph models: a `model.json` that holds a TensorFlow graph, and files of weights ("shards")
/// beside it.
namespace viba::tfjs {

/// An attribute of a node: whole numbers, booleans or the sides of a shape, or texts; empty when it is
/// of another kind.
struct Attribute {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  std::string type{};        ///< of numbers, as "DT_INT32"
  bool shape_known = false;  ///< it is a shape, and of a known rank
};

struct Node {
  std::string name;
  std::string op;                   ///< Conv2D
  std::vector<std::string> inputs;  ///< outputs of nodes: "name", or "name:1" for the second; control inputs left out
  std::map<std::string, Attribute, std::less<>> attributes;
};

/// The node that the output belongs to: "name" of both "name" and "name:1".
[[nodiscard]] inline std::string node_of_output(std::string_view output) {
  return std::string(output.substr(0, output.find(':')));
}

/// Content of a constant, dequantized. Truth values are the whole numbers 0 and 1.
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
  Signature stated;       ///< what the file itself says; without ports when it says nothing
};

/// Inputs are all placeholders, in the order of the file. Outputs are those that the file states, in the
/// order of their labels, and when it states none all computed nodes that no other takes as an input.
[[nodiscard]] Signature signature_of(const Model& model);

/// Gives the content of the shard `name`, which is the name of a file without any folder. What is
/// larger than `most` bytes is refused.
using ShardReader = std::function<Result<std::vector<std::uint8_t>>(const std::string& name, std::uint64_t most)>;

/// Shards that belong together.
struct ShardGroup {
  std::vector<std::string> names;  ///< each of a file without any folder
  std::uint64_t bytes = 0;         ///< what they must hold together
};

/// Reads the shards from the model's own folder and from nowhere else.
/// Errors, each naming the file: kNotFound, kPermission, kIo, kBadData (damaged, or no TF.js model at
/// all), kUnsupported (a kind of it that ViBa does not read, or one that needs more than 1 GiB).
[[nodiscard]] Result<Model> read_model(const std::string& path);

/// As `read_model`, of the content of the .json file. What `read` refuses is handed on.
[[nodiscard]] Result<Model> parse_model(std::string_view json, const std::string& file, const ShardReader& read);
/// Looks for shards in `folder`.
[[nodiscard]] Result<Model> parse_model(std::string_view json, const std::string& file, const std::string& folder);

/// What weights a model.json of that content needs beside it. Errors: as `parse_model`.
[[nodiscard]] Result<std::vector<ShardGroup>> list_shards(std::string_view json, const std::string& file);

}  // namespace viba::tfjs
