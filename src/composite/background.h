#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/matte.h>
#include <viba/options.h>
#include <viba/result.h>

namespace viba {

/// What stands behind the person. Thread-safety: none.
class Background {
 public:
  virtual ~Background() = default;
  /// The picture behind this frame, of the frame's size. `matte` is of the same size, and tells who is not part of it.
  [[nodiscard]] virtual Result<Frame> behind(const Frame& frame, const Matte& matte) = 0;
  /// What may be shown in place of a frame that has no matte, at `when` in the source's time.
  /// `frame` is null when there is none. Nothing of the room can be recognised in it.
  [[nodiscard]] virtual Result<Frame> instead_of(const Frame* frame, std::chrono::nanoseconds when) = 0;
};

/// By `options.background`: `blur`, `color:`, a file, or a bundled picture's name; empty is the
/// bundled office. Prepared once at `size`.
/// Errors: kUsage, kNotFound (lists the bundled names), and those of `VideoReader::open`.
[[nodiscard]] Result<std::unique_ptr<Background>> make_background(const Options& options, Size size, const Log& log);

}  // namespace viba
