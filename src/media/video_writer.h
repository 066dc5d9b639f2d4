#pragma once

#include <memory>
#include <string>

#include <viba/frame.h>
#include <viba/matte.h>
#include <viba/result.h>

namespace viba {

enum class VideoContent {
  kFrames,  ///< I420 pictures
  kMattes,  ///< alpha as lossless 8-bit gray, 0..255
};

/// Writes a video file; the ending of its name says which kind: .mp4 (H.264), .mkv (H.264, or FFV1
/// gray for mattes), .y4m (raw). Written under a temporary name beside `path` and renamed by
/// `finish`, so nothing half-written ever stands under `path`; without `finish`, or without a
/// frame, it is removed. Mattes may have odd sizes.
/// Thread-safety: none.
class VideoWriter {
 public:
  /// Errors: kUsage (an ending it does not know, naming the ones it does), kNotFound (no such
  /// folder), kPermission, kIo.
  [[nodiscard]] static Result<VideoWriter> create(const std::string& path, Size size, double frames_per_second,
                                                  VideoContent content);
  VideoWriter(VideoWriter&&) noexcept;
  VideoWriter& operator=(VideoWriter&&) noexcept;
  ~VideoWriter();

  /// Of the size given at creation. In .mp4 and .mkv a frame stands at its own `position` where that is
  /// later than the last one's, else one tick of the rate after it; .y4m knows constant ticks only.
  /// Errors: kIo (a full disk is named as such), kUsage (wrong size or content).
  [[nodiscard]] Result<void> write(const Frame& frame);
  [[nodiscard]] Result<void> write(const Matte& matte);
  [[nodiscard]] Result<void> finish();

 private:
  struct Impl;
  explicit VideoWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One picture as PNG: RGB for a frame, 8-bit gray for a matte. Atomic: a temporary name, then a
/// rename. Errors: as `VideoWriter`.
[[nodiscard]] Result<void> write_png(const std::string& path, const Frame& frame);
[[nodiscard]] Result<void> write_png(const std::string& path, const Matte& matte);

}  // namespace viba
