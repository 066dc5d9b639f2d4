#pragma once

#include <stop_token>
#include <string>

#include <viba/log.h>
#include <viba/models.h>
#include <viba/options.h>
#include <viba/result.h>

#include "segment/model_table.h"

namespace viba {

struct FetchRequest {
  std::string from;  ///< URL or path of the folder with the model's files; empty: the model's own source
  FetchProgress progress;
  std::stop_token stop;
  bool first_use = false;  ///< nobody asked for the fetch, so it is explained
};

/// What the public function of this name does, which says more. Files come into the folder `.NAME.part`
/// of the models' folder, which takes the old one's place in one step when they are whole and checked.
/// Two fetches of one model wait for one another.
[[nodiscard]] Result<std::string> fetch_model(const ModelInfo& model, const FetchRequest& request,
                                              const Options& options, const Log& log);

/// That it was looked for, where, and how it comes here.
[[nodiscard]] Error not_installed(const ModelInfo& model, const Options& options);

}  // namespace viba
