#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "segment/tfjs_model.h"

namespace viba::tfjs {

/// Reads what the `weightsManifest` of the model `file` lists.
/// Errors: as `parse_model`.
[[nodiscard]] Result<WeightsByName> read_weights(const nlohmann::json& manifest, const std::string& file,
                                                 const ShardReader& read);

/// Errors: as `list_shards`.
[[nodiscard]] Result<std::vector<ShardGroup>> shard_groups(const nlohmann::json& manifest, const std::string& file);

}  // namespace viba::tfjs
