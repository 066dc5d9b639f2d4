#pragma once

#include <span>
#include <string>
#include <vector>

#include "segment/tfjs_model.h"

/// Changes of a TensorFlow graph before it is translated.
namespace viba::tfjs {

/// The nodes that `outputs` ("name" or "name:1") need, each behind those it takes its inputs from; all others are left
/// out. Errors, each naming node and file: kBadData (a cycle, an input that is not there, two nodes of one name),
/// kUnsupported (an output that is not there).
[[nodiscard]] Result<std::vector<Node>> needed_nodes(const std::vector<Node>& nodes,
                                                     std::span<const std::string> outputs, const std::string& file);

}  // namespace viba::tfjs
