#include "capture/file_source.h"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "media/video_reader.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr double kPictureRate = 30;

nanoseconds interval_of(double frames_per_second) {
  if (frames_per_second <= 0) return nanoseconds{0};
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(1 / frames_per_second));
}

SourceInfo source_info(const std::string& path, const VideoInfo& video, Pace pace) {
  const bool live = pace == Pace::kRealTime;
  const double rate = live && video.picture ? kPictureRate : video.frames_per_second;
  return {.name = std::filesystem::path(path).filename().string(),
          .size = video.size,
          .frames_per_second = rate,
          .live = live,
          .frames = live ? 0 : video.frames};
}

/// Holds frames back until their time has come. Who is late starts the schedule anew instead of
/// hurrying after the old one, and so does a file whose time jumps ahead.
class Pacer {
 public:
  explicit Pacer(nanoseconds patience) : patience_(patience) {}

  /// False when a stop was asked for first.
  bool wait_until(nanoseconds position, const std::stop_token& stop) {
    const auto now = Clock::now();
    const bool late = start_ && now > *start_ + position + patience_;
    const bool jumped = start_ && *start_ + position > now + std::max<nanoseconds>(kLongestWait, 2 * patience_);
    if (!start_ || late || jumped) start_ = now - position;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, stop, *start_ + position, [] { return false; });
    return !stop.stop_requested();
  }

 private:
  static constexpr nanoseconds kLongestWait = std::chrono::seconds{5};

  nanoseconds patience_;
  std::optional<Clock::time_point> start_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
};

class FileSource : public Source {
 public:
  FileSource(VideoReader reader, SourceInfo info)
      : reader_(std::move(reader)),
        info_(std::move(info)),
        interval_(interval_of(info_.frames_per_second)),
        pacer_(interval_) {}

  SourceInfo info() const override { return info_; }

  Result<std::optional<Frame>> read(std::stop_token stop) override {
    if (stop.stop_requested()) return std::nullopt;
    const auto start = Clock::now();
    auto frame = info_.live ? next_for_ever() : reader_.next();
    if (!frame || !*frame) return frame;
    const auto work = Clock::now() - start;
    const nanoseconds position = loop_start_ + (*frame)->info().position;
    if (info_.live && !pacer_.wait_until(position, stop)) return std::nullopt;
    last_position_ = position;
    // As if decoding began when the frame was due: a latency counts the work, not the waiting.
    return (*frame)->with_info({sequence_++, position, Clock::now() - work});
  }

 private:
  Result<std::optional<Frame>> next_for_ever() {
    if (still_) {
      loop_start_ = last_position_ + interval_;
      return still_;
    }
    auto frame = reader_.next();
    if (frame && !*frame) frame = first_of_next_loop();
    if (frame && reader_.info().picture) still_ = *frame;
    return frame;
  }

  Result<std::optional<Frame>> first_of_next_loop() {
    if (auto ok = reader_.rewind(); !ok) return tl::unexpected(ok.error());
    loop_start_ = last_position_ + interval_;
    auto frame = reader_.next();
    if (frame && !*frame)
      return fail(ErrorCode::kIo, info_.name + " can no longer be read; choose another file or copy it anew.");
    return frame;
  }

  VideoReader reader_;
  SourceInfo info_;
  nanoseconds interval_;
  Pacer pacer_;
  std::optional<Frame> still_;  ///< of a picture, shown again and again
  nanoseconds loop_start_{0};
  nanoseconds last_position_{0};
  std::uint64_t sequence_ = 0;
};

}  // namespace

Result<std::unique_ptr<Source>> open_file_source(const std::string& path, Pace pace, std::optional<Size> size, Fit fit,
                                                 const Log& log) {
  auto reader = VideoReader::open(path, {size, fit});
  if (!reader) return tl::unexpected(reader.error());
  const Size coded = reader->info().coded_size;
  if (!size && coded != round_to_even(coded))
    log.info(fmt::format("{} is {}x{}: its last odd row or column is left out, because sizes are even.", path,
                         coded.width, coded.height));
  auto info = source_info(path, reader->info(), pace);
  return std::make_unique<FileSource>(std::move(*reader), std::move(info));
}

}  // namespace viba
