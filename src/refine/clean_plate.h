#pragma once

#include <optional>
#include <string>

#include <viba/log.h>

#include "refine/coarse.h"

namespace viba {

/// A picture of the room without anybody, which the user has taken. Thread-safety: none.
class CleanPlate {
 public:
  /// Errors: as `load_picture`.
  [[nodiscard]] static Result<CleanPlate> load(const std::string& path);

  /// On the coarse grid of frames of that size. Nothing, and a warning, where its shape is another than theirs.
  [[nodiscard]] std::optional<CoarsePicture> fitted(Size frame, const Log& log) const;

 private:
  CleanPlate(std::string path, Frame picture) : path_(std::move(path)), picture_(std::move(picture)) {}

  std::string path_;
  Frame picture_;
};

}  // namespace viba
