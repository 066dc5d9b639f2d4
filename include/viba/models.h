#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <viba/export.h>
#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

/// The networks that ViBa knows by name: which there are, and how they come onto this machine.
/// Thread-safety: all functions may be called from any thread.
namespace viba {

struct ModelListing {
  std::string name;                  ///< as `Options::model_name` takes it
  std::vector<std::string> aliases;  ///< other names for it
  std::string description;           ///< for people
  std::string licence;               ///< SPDX
  std::string source;                ///< a URL, when ViBa fetches it; else where it comes from, in words
  std::string input;                 ///< size of the picture it takes, in words: "256x256"
  std::string installed;             ///< path of its main file; empty when it is not here
  std::uint64_t bytes = 0;           ///< of its files; about, when it is not installed
};

/// All that have a name, the default first. Takes from `options`: model_dir, data_dirs.
[[nodiscard]] VIBA_EXPORT std::vector<ModelListing> list_models(const Options& options);

struct FetchState {
  std::string_view file;       ///< the one that is coming
  std::uint64_t received = 0;  ///< bytes of the whole model that are here, those of earlier calls among them
  std::uint64_t total = 0;     ///< bytes of the whole model; 0 while that is not known
};
using FetchProgress = std::function<void(const FetchState&)>;

/// Puts a model into `options.model_dir`, from its own source or from the folder `from`, which is a URL
/// (http, https, file) or a path. What is installed already stays as it is until the new files are there
/// and checked: sizes by the model's own list, checksums where they are known, and whether ViBa can read
/// it. What was interrupted is taken up where it ended. Proxies are taken from the environment by libcurl
/// (http_proxy, https_proxy, no_proxy). A model that is not for ViBa to fetch is success when it is here.
/// Returns the path of the model's main file.
/// Errors, one sentence each: kUsage (no such model, no such way to give a folder), kNotFound, kPermission
/// and kIo (network, files, full disk), kBadData and kUnsupported (not the right files), kClosed (stopped).
[[nodiscard]] VIBA_EXPORT Result<std::string> fetch_model(std::string_view name, const std::string& from,
                                                          const Options& options, const FetchProgress& progress,
                                                          const Log& log, std::stop_token stop);

}  // namespace viba
