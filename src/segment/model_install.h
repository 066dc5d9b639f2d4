#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <viba/result.h>

#include "segment/model_table.h"

namespace viba {

/// Moves the files `names` from the folder `staging` to where the model belongs in the folder of models,
/// in one step where the file system can do that: what is on the disk is never half old and half new.
/// `staging` is gone afterwards. Returns the path of the main file. Errors: those of writing files.
[[nodiscard]] Result<std::string> install_model(const ModelInfo& model, const std::filesystem::path& staging,
                                                const std::filesystem::path& folder,
                                                const std::vector<std::string>& names);

}  // namespace viba
