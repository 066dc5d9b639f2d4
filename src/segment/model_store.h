#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include <viba/log.h>
#include <viba/models.h>
#include <viba/options.h>
#include <viba/result.h>

#include "segment/model_table.h"

namespace viba {

/// The model's main file in `options.model_dir`, else in the folders of data. Nothing when it is in none.
[[nodiscard]] std::optional<std::string> installed_file(const ModelInfo& model, const Options& options);

/// Of all files of the model whose main file that is.
[[nodiscard]] std::uint64_t bytes_of_model(const ModelInfo& model, const std::string& main_file);

/// The main file of a model, which is fetched if it is not here, with a word about that in the log.
/// Errors: kNotFound when it is neither here nor for ViBa to fetch, saying how it comes; as `fetch_model`.
[[nodiscard]] Result<std::string> model_file(const ModelInfo& model, const Options& options, const Log& log,
                                             const std::stop_token& stop = {});

}  // namespace viba
