#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "segment/tfjs_model.h"

namespace viba::tfjs {

/// Reads what the `weightsManifest` of the model `file` lists, from files in `folder`.
/// Errors: as `read_model`.
[[nodiscard]] Result<WeightsByName> read_weights(const nlohmann::json& manifest, const std::string& file,
                                                 const std::string& folder);

}  // namespace viba::tfjs
