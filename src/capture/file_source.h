#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

enum class Pace {
  kAsFastAsAsked,  ///< every frame once, then the end: for files and measuring
  kRealTime,       ///< at the file's own rate, looping for ever: a camera made from a file
};

/// A video or picture file as a source. Frames come at `size` if given, else at the file's own. A
/// single picture gives one frame when as fast as asked, and 30 a second in real time.
/// An odd size is rounded down to even, which `log` hears.
/// Errors: as `VideoReader::open`.
[[nodiscard]] Result<std::unique_ptr<Source>> open_file_source(const std::string& path, Pace pace,
                                                               std::optional<Size> size, Fit fit, const Log& log);

}  // namespace viba
