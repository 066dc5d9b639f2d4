#include "output/file_sink.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "media/part_file.h"
#include "media/video_writer.h"

namespace viba {
namespace {

/// For a video made from a source that has no rate, such as a picture.
constexpr double kUsualRate = 30;

/// `out-%05d.png` taken apart. The user's text is never a format string.
struct NumberPattern {
  std::string before;
  std::string after;
  int digits = 1;
  [[nodiscard]] std::string path(std::uint64_t number) const {
    return fmt::format("{}{:0{}}{}", before, number, digits, after);
  }
};

/// Nothing when there is no number in the name. Errors: kUsage when it is not a plain one.
Result<std::optional<NumberPattern>> parse_pattern(const std::string& path) {
  const auto name = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  const auto percent = path.find('%', name);
  if (percent == std::string::npos) return std::nullopt;
  std::size_t end = percent + 1;
  int digits = 1;
  if (end + 1 < path.size() && path[end] == '0' && path[end + 1] >= '1' && path[end + 1] <= '9') {
    digits = path[end + 1] - '0';
    end += 2;
  }
  const bool plain = end < path.size() && path[end] == 'd' && path.find('%', end) == std::string::npos;
  if (!plain)
    return fail(ErrorCode::kUsage,
                fmt::format("The number in {} is not understood; write one %d or %05d, as in out-%05d.png.", path));
  return NumberPattern{path.substr(0, percent), path.substr(end + 1), digits};
}

/// `folder/out.png` → `folder/out-%05d.png`
std::string as_pattern(const std::filesystem::path& path) {
  return (path.parent_path() / (path.stem().string() + "-%05d" + path.extension().string())).string();
}

/// How many ticks of a constant rate a frame of a live source stands for, so that a recording lasts
/// as long as what it shows: more than one after a gap, none when frames come too fast.
class TickCounter {
 public:
  explicit TickCounter(double frames_per_second) : rate_(frames_per_second) {}

  int ticks_until(std::chrono::steady_clock::time_point taken) {
    if (!start_) start_ = taken;
    const auto due = std::llround(std::chrono::duration<double>(taken - *start_).count() * rate_) + 1;
    const auto ticks = std::clamp<long long>(due - counted_, 0, std::llround(kLongestGap.count() * rate_));
    counted_ = std::max(counted_, due);
    return static_cast<int>(ticks);
  }

 private:
  static constexpr std::chrono::seconds kLongestGap{5};  ///< what is longer, such as a suspend, is left out

  double rate_;
  std::optional<std::chrono::steady_clock::time_point> start_;
  long long counted_ = 0;
};

class VideoSink : public Sink {
 public:
  VideoSink(std::string path, VideoWriter writer, std::optional<TickCounter> live)
      : path_(std::move(path)), writer_(std::move(writer)), live_(live) {}
  std::string name() const override { return path_; }
  bool live() const override { return false; }

  Result<void> write(const SafeFrame& frame) override {
    const int ticks = live_ ? live_->ticks_until(frame.frame().info().taken) : 1;
    Result<void> ok;
    // What fills a gap is the frame that stood on the screen meanwhile. Ticks count here, not positions.
    for (int i = 0; ok && i + 1 < ticks; ++i) ok = writer_.write(shown_);
    if (!live_) return writer_.write(frame.frame());
    shown_ = frame.frame().with_info({});
    return ok && ticks > 0 ? writer_.write(shown_) : ok;
  }

  Result<void> finish() override { return writer_.finish(); }

 private:
  std::string path_;
  VideoWriter writer_;
  std::optional<TickCounter> live_;
  Frame shown_;  ///< the last one, of a live source
};

class PngSink : public Sink {
 public:
  PngSink(std::string path, std::optional<NumberPattern> pattern)
      : path_(std::move(path)), pattern_(std::move(pattern)) {}
  std::string name() const override { return path_; }
  bool live() const override { return false; }

  Result<void> write(const SafeFrame& frame) override {
    ++written_;
    if (pattern_) return write_png(pattern_->path(written_), frame.frame());
    if (written_ == 1) return write_png(path_, frame.frame());
    return fail(ErrorCode::kUsage,
                fmt::format("{} can hold only one picture; number the files of a video, as in {}, or choose .mp4.",
                            path_, as_pattern(path_)));
  }

 private:
  std::string path_;
  std::optional<NumberPattern> pattern_;
  std::uint64_t written_ = 0;
};

class NullSink : public Sink {
 public:
  std::string name() const override { return "null"; }
  bool live() const override { return false; }
  Result<void> write(const SafeFrame&) override { return {}; }
};

bool is_png(const std::string& path) { return path.ends_with(".png") || path.ends_with(".PNG"); }

Result<std::unique_ptr<Sink>> open_png_sink(const std::string& path, bool live) {
  auto pattern = parse_pattern(path);
  if (!pattern) return tl::unexpected(pattern.error());
  if (live && !*pattern)
    return fail(
        ErrorCode::kUsage,
        fmt::format(
            "{} can hold only one picture, but this source goes on; number the files, as in {}, or choose .mp4.", path,
            as_pattern(path)));
  // Says now, not at the first frame, that there is no such folder.
  const auto tried = PartFile::create(*pattern ? (*pattern)->path(1) : path);
  if (!tried) return tl::unexpected(tried.error());
  return std::make_unique<PngSink>(path, std::move(*pattern));
}

}  // namespace

Result<std::unique_ptr<Sink>> open_file_sink(const std::string& path, const SourceInfo& source) {
  if (is_png(path)) return open_png_sink(path, source.live);
  const double rate = source.frames_per_second > 0 ? source.frames_per_second : kUsualRate;
  auto writer = VideoWriter::create(path, source.size, rate, VideoContent::kFrames);
  if (!writer) return tl::unexpected(writer.error());
  return std::make_unique<VideoSink>(path, std::move(*writer),
                                     source.live ? std::optional(TickCounter(rate)) : std::nullopt);
}

std::unique_ptr<Sink> make_null_sink() { return std::make_unique<NullSink>(); }

}  // namespace viba
