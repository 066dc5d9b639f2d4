#pragma once

#include <memory>

#include <viba/frame.h>
#include <viba/matte.h>
#include <viba/result.h>

#include "media/part_file.h"

struct AVRational;

namespace viba {

/// One kind of video file being written. Sizes and contents have been checked by `VideoWriter`.
class FrameFile {
 public:
  virtual ~FrameFile() = default;
  [[nodiscard]] virtual Result<void> write(const Frame& frame) = 0;
  [[nodiscard]] virtual Result<void> write(const Matte& matte) = 0;
  /// Completes the file and gives it its name.
  [[nodiscard]] virtual Result<void> finish() = 0;
};

/// YUV4MPEG2: a line of text, then for each frame a word and its planes.
[[nodiscard]] Result<std::unique_ptr<FrameFile>> create_y4m_file(PartFile file, Size size, AVRational rate);

enum class Compression { kH264, kFfv1Gray };

/// `container` is FFmpeg's name of it. Errors: kUnsupported when no encoder is there, kIo.
[[nodiscard]] Result<std::unique_ptr<FrameFile>> create_encoded_file(PartFile file, const char* container,
                                                                     Compression compression, Size size,
                                                                     AVRational rate);

}  // namespace viba
