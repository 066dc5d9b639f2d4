#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <viba/result.h>

#include "segment/tfjs_model.h"

namespace viba::onnx {
class Graph;
}

namespace viba::tfjs {

/// A placeholder that stays an input.
struct ImportInput {
  std::string name;
  std::vector<std::int64_t> shape;  ///< in the file's own order: 1, height, width, channels
};

struct ImportSettings {
  std::vector<ImportInput> inputs{};         ///< in the order that they get in ONNX
  std::map<std::string, float> constants{};  ///< placeholders that are given a fixed number
  std::vector<std::string> outputs{};        ///< "name" of a node, or "name:1" for its second output
};

/// Fills `graph` with as much of `model` as the outputs need. The pictures of TensorFlow have their
/// channels innermost; in ONNX every value becomes planar (N, C, H, W), inputs and outputs included.
/// Inputs and outputs stand in the order of `settings`, inputs also when no output needs them.
/// Errors: kUnsupported, naming operator, node and file, for what cannot be translated or asks for
/// more than 1 GiB, and for names in `settings` that the model does not have or that do not fit it;
/// kBadData for what contradicts itself.
[[nodiscard]] Result<void> import_model(const Model& model, const ImportSettings& settings, onnx::Graph& graph);

}  // namespace viba::tfjs
