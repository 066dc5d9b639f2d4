#pragma once

#include <memory>
#include <string>
#include <vector>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

#include "segment/feed_guess.h"
#include "segment/model_file.h"

namespace viba {

/// A model as `Options::model_name` asks for it, read, and with all that is known of how to feed it.
struct LoadedModel {
  std::unique_ptr<ModelFile> file;
  FeedGuess guess;
  std::string description;  ///< for people
};

/// Whether what lies beside a model file as FILE.toml is looked at.
enum class Description { kUsed, kIgnored };

/// `name` is one of the table or the path of a model file.
/// Errors: kUsage (a name that there is not, listing those there are), kNotFound (saying how to get it),
/// those of fetching it, of `open_model_file` and of `described_feed`.
[[nodiscard]] Result<LoadedModel> load_model(const std::string& name, const Options& options, const Log& log,
                                             Description description = Description::kUsed);

}  // namespace viba
