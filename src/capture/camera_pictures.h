#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <viba/frame.h>
#include <viba/log.h>

#include "capture/camera_setup.h"
#include "media/jpeg_decoder.h"

namespace viba {

/// Makes frames of what an open camera gives. Damaged pictures are left out and counted; the first one is a warning.
/// Thread-safety: none.
class CameraPictures {
 public:
  /// `name` is for the log and for errors. Errors: as `JpegDecoder::create`.
  [[nodiscard]] static Result<CameraPictures> create(std::string name, Log log);

  /// Nothing for a damaged one. Errors: as `FramePool::acquire`.
  [[nodiscard]] Result<std::optional<Frame>> to_frame(std::span<const std::uint8_t> bytes, const CameraSetup& setup);
  void skip(std::string_view why);
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }

  /// Until when the next picture must have come: 5 s for the first, for which a camera wakes up and finds its exposure,
  /// else 2 s, and more at less than 1.5 frames a second (0 when the rate is unknown).
  [[nodiscard]] std::chrono::steady_clock::time_point deadline(double frames_per_second) const;
  /// What to say when none came until then. `damaged`: but some that cannot be shown.
  [[nodiscard]] Error silence(bool damaged) const;

 private:
  CameraPictures(std::string name, JpegDecoder jpeg, Log log)
      : name_(std::move(name)), jpeg_(std::move(jpeg)), log_(std::move(log)) {}

  std::string name_;
  JpegDecoder jpeg_;
  Log log_;
  FramePool pool_;
  std::uint64_t sequence_ = 0;
  std::uint64_t skipped_ = 0;
  std::chrono::steady_clock::time_point first_taken_{};
};

}  // namespace viba
