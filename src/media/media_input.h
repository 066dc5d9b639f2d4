#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include <viba/frame.h>

#include "media/ffmpeg.h"
#include "media/input_file.h"

namespace viba {

inline constexpr std::int64_t kMostPixels = 100'000'000;

/// A file as FFmpeg sees it: container, the one video stream in it, and that stream's decoder.
class MediaInput {
 public:
  /// Errors: as `VideoReader::open`.
  [[nodiscard]] static Result<std::unique_ptr<MediaInput>> open(const std::string& path);
  ~MediaInput();
  MediaInput(const MediaInput&) = delete;
  MediaInput& operator=(const MediaInput&) = delete;

  /// Decodes the next frame into `frame`; false at the end. What does not decode is left out of a
  /// video and is an error (kBadData) in a picture. Errors: kIo.
  [[nodiscard]] Result<bool> decode(AVFrame& frame);

  /// Back to the first frame. Errors: kIo.
  [[nodiscard]] Result<void> rewind();

  /// One frame, no time.
  [[nodiscard]] bool picture() const { return picture_; }
  /// Nominal; never 0, also for pictures.
  [[nodiscard]] double frames_per_second() const;
  /// As the container counts them, or else by its length in time; 0 when it tells neither.
  [[nodiscard]] std::uint64_t frames() const;
  /// In seconds per unit of a frame's time stamp.
  [[nodiscard]] AVRational time_base() const { return stream_->time_base; }
  /// How the container wants its frames turned: nine numbers, or nothing.
  [[nodiscard]] const std::int32_t* display_matrix() const;
  /// The file says of itself that its untagged numbers are BT.601, as those that ViBa writes do.
  [[nodiscard]] bool declares_bt601() const { return declares_bt601_; }

 private:
  MediaInput(std::string path, std::unique_ptr<InputFile> file);
  [[nodiscard]] Result<void> open_container();
  [[nodiscard]] Result<void> open_stream();
  [[nodiscard]] Result<void> open_decoder();
  [[nodiscard]] Result<bool> holds_one_frame();
  [[nodiscard]] Result<void> reopen();
  [[nodiscard]] bool feed();
  [[nodiscard]] tl::unexpected<Error> damaged() const;
  [[nodiscard]] bool format_is(const char* names) const;

  std::string path_;
  std::unique_ptr<InputFile> file_;
  AVFormatContext* format_ = nullptr;
  AVStream* stream_ = nullptr;
  ffmpeg::CodecPtr codec_;
  ffmpeg::PacketPtr packet_;
  bool picture_ = false;
  bool draining_ = false;
  bool declares_bt601_ = false;
  int read_error_ = 0;
};

/// Errors: kBadData when a picture of this size is too large or too small to be read.
[[nodiscard]] Result<void> check_readable_size(const std::string& path, Size size);

}  // namespace viba
