#pragma once

#include <string>
#include <vector>

#include <viba/frame.h>
#include <viba/result.h>

#include "segment/tfjs_model.h"

namespace viba::onnx {
class Graph;
}

namespace viba::tfjs {

struct ImportSettings {
  Size input;                        ///< of the picture that the network is to take
  std::vector<std::string> outputs;  ///< names of nodes
};

/// Fills `graph` with as much of `model` as the outputs need, for one RGB picture of that size. The
/// pictures of TensorFlow have their channels innermost; in ONNX every value becomes planar
/// (N, C, H, W), inputs and outputs included. Outputs stand in the order of `settings`.
/// Errors: kUnsupported, naming operator, node and file, for what cannot be translated or asks for
/// more than 1 GiB; kBadData for what contradicts itself.
[[nodiscard]] Result<void> import_model(const Model& model, const ImportSettings& settings, onnx::Graph& graph);

}  // namespace viba::tfjs
