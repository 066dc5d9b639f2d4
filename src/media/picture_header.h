#pragma once

#include <optional>

#include <viba/frame.h>

#include "media/input_file.h"

namespace viba {

/// The size that the header of a PNG, JPEG, GIF, BMP or WebP file states; nothing for other files.
/// FFmpeg refuses large pictures without saying why; this is how the reason can be told, and
/// before any memory is taken.
[[nodiscard]] std::optional<Size> picture_size_in_header(const InputFile& file);

/// Whether a JPEG's data go on to its end mark. Decoders make up what is missing at the end, in gray.
[[nodiscard]] bool jpeg_is_complete(std::span<const std::uint8_t> jpeg);

}  // namespace viba
