#pragma once

#include <memory>
#include <optional>
#include <string>

#include <viba/frame.h>
#include <viba/options.h>
#include <viba/result.h>

namespace viba {

struct VideoInfo {
  Size size;                     ///< of the frames it gives: after rotation, even, and scaled if so asked
  Size coded_size;               ///< as stored in the file
  double frames_per_second = 0;  ///< 0 for a single picture
  bool picture = false;          ///< one frame, no time
  std::uint64_t frames = 0;      ///< as the file tells, which may be wrong; 0 when it does not
};

/// How frames are to come out of the file.
struct VideoReaderOptions {
  std::optional<Size> size;  ///< even; unset: the file's own, rounded down to even
  Fit fit = Fit::kStretch;   ///< how the file's shape meets `size`
};

/// Reads any video or picture that FFmpeg's libraries can, frame by frame, as I420 BT.601 limited:
/// the file's own matrix, range and rotation are honoured, transparency is laid over black.
/// Thread-safety: none.
class VideoReader {
 public:
  /// Errors, each one sentence that names the file: kNotFound, kPermission, kUnsupported (not a
  /// picture or video), kBadData (empty, truncated, damaged, larger than 16384 pixels on a side or
  /// 100 million in all).
  [[nodiscard]] static Result<VideoReader> open(const std::string& path, VideoReaderOptions options = {});

  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;
  ~VideoReader();

  [[nodiscard]] const VideoInfo& info() const;

  /// The next frame, nothing at the end. `info().position` is the frame's own time stamp counted
  /// from the first frame; `sequence` counts from 0 and starts again at a rewind.
  /// A frame in the middle of a video that does not decode is left out; a file in which none does
  /// is an error (kBadData).
  [[nodiscard]] Result<std::optional<Frame>> next();

  /// Back to the first frame. Errors: kIo.
  [[nodiscard]] Result<void> rewind();

 private:
  struct Impl;
  explicit VideoReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The first frame of a picture or video. Errors: as `VideoReader::open`.
[[nodiscard]] Result<Frame> load_picture(const std::string& path, VideoReaderOptions options = {});

}  // namespace viba
