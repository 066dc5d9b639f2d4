#pragma once

#include <memory>
#include <string>

#include <viba/stages.h>

namespace viba {

/// A file to write frames to: .mp4, .mkv or .y4m for a video; .png for one picture, or for a
/// sequence when the name holds a number pattern (`out-%05d.png`, counted from 1).
/// From a source that is not live every frame is written once; from a live one a video keeps time:
/// a frame is repeated over a gap and left out where frames come faster than the rate.
/// A second frame for a single .png is refused (kUsage) in a sentence that shows the pattern.
/// Errors: as `VideoWriter::create`.
[[nodiscard]] Result<std::unique_ptr<Sink>> open_file_sink(const std::string& path, const SourceInfo& source);

/// Takes frames and drops them: for measuring.
[[nodiscard]] std::unique_ptr<Sink> make_null_sink();

}  // namespace viba
