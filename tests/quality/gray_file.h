#pragma once

#include <memory>
#include <optional>
#include <string>

#include "matte_measures.h"
#include "media/ffmpeg.h"
#include "media/media_input.h"

namespace viba::test {

/// Reads a gray picture or video without taking its range for that of video.
class GrayFile {
 public:
  /// Throws std::runtime_error when there is none.
  explicit GrayFile(const std::string& path);
  /// Nothing at the end.
  [[nodiscard]] std::optional<Gray> next();

 private:
  std::unique_ptr<MediaInput> input_;
  ffmpeg::FramePtr frame_;
};

}  // namespace viba::test
