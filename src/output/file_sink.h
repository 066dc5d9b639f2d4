#pragma once

#include <memory>
#include <string>

#include <viba/stages.h>

namespace viba {

/// A file to write frames to: .mp4, .mkv or .y4m for a video; .png for one picture, or for a
/// sequence when the name holds a number pattern (`out-%05d.png`, counted from 1).
/// A second frame for a single .png is refused (kUsage) in a sentence that shows the pattern.
/// Errors: as `VideoWriter::create`.
[[nodiscard]] Result<std::unique_ptr<Sink>> open_file_sink(const std::string& path, Size size,
                                                           double frames_per_second);

/// Takes frames and drops them: for measuring.
[[nodiscard]] std::unique_ptr<Sink> make_null_sink();

}  // namespace viba
