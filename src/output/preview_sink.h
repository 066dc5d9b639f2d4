#pragma once

#include <memory>

#include <viba/stages.h>

namespace viba {

/// A window that shows the frames. Closing it, or Escape or q in it, ends the run (kClosed).
/// The window opens with the first frame, on the thread that writes.
/// Errors: kUnsupported when ViBa was built without SDL2.
[[nodiscard]] Result<std::unique_ptr<Sink>> make_preview_sink(Size size);

}  // namespace viba
