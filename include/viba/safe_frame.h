#pragma once

#include <utility>

#include <viba/frame.h>

namespace viba {

/// A frame that may leave the program. Sinks take nothing else, and only a compositor can make
/// one, so a camera frame that skipped the matte does not compile its way to a sink.
/// Thread-safety: as `Frame`.
class VIBA_EXPORT SafeFrame {
 public:
  SafeFrame() = default;
  [[nodiscard]] const Frame& frame() const { return frame_; }

 private:
  friend class SafeFrameMaker;
  explicit SafeFrame(Frame frame) : frame_(std::move(frame)) {}
  Frame frame_;
};

/// The one door to `SafeFrame`: derive from it to write a compositor, and read rule 1 of
/// docs/architecture.md before you do.
class VIBA_EXPORT SafeFrameMaker {
 protected:
  [[nodiscard]] static SafeFrame vouch_for(Frame composite) { return SafeFrame(std::move(composite)); }
};

}  // namespace viba
