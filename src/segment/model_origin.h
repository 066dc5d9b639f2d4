#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include <viba/result.h>

#include "segment/model_table.h"

namespace viba {

/// The folder in which the files of a model lie: on a server or on this machine.
class ModelOrigin {
 public:
  /// `from` as `FetchRequest` has it. Errors: kUsage (neither a URL that ViBa knows nor a folder).
  [[nodiscard]] static Result<ModelOrigin> of(const ModelInfo& model, const std::string& from);

  /// For messages, and to tell one from another; ends with a slash, and holds no password.
  [[nodiscard]] std::string shown() const;

  struct File {
    std::string name;              ///< without a folder
    std::string target;            ///< where to put it
    std::uint64_t most_bytes = 0;  ///< a larger one is refused
  };
  /// Brings one file, in bits into `TARGET.part` until it is whole. Returns its MD5 sum as the server
  /// says it, empty when it does not. Errors: as `download`; those of reading and writing files.
  [[nodiscard]] Result<std::string> bring(const File& file, const std::function<void(std::uint64_t)>& progress,
                                          const std::stop_token& stop) const;

 private:
  ModelOrigin(std::string base, bool web) : base_(std::move(base)), web_(web) {}
  std::string base_;  ///< ends with a slash
  bool web_;
};

}  // namespace viba
