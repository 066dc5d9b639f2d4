#include "output/file_sink.h"

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

class VideoSink : public Sink {
 public:
  VideoSink(std::string path, VideoWriter writer) : path_(std::move(path)), writer_(std::move(writer)) {}
  std::string name() const override { return path_; }
  bool live() const override { return false; }
  Result<void> write(const SafeFrame& frame) override { return writer_.write(frame.frame()); }
  Result<void> finish() override { return writer_.finish(); }

 private:
  std::string path_;
  VideoWriter writer_;
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

Result<std::unique_ptr<Sink>> open_png_sink(const std::string& path) {
  auto pattern = parse_pattern(path);
  if (!pattern) return tl::unexpected(pattern.error());
  // Says now, not at the first frame, that there is no such folder.
  const auto tried = PartFile::create(*pattern ? (*pattern)->path(1) : path);
  if (!tried) return tl::unexpected(tried.error());
  return std::make_unique<PngSink>(path, std::move(*pattern));
}

}  // namespace

Result<std::unique_ptr<Sink>> open_file_sink(const std::string& path, Size size, double frames_per_second) {
  if (is_png(path)) return open_png_sink(path);
  auto writer =
      VideoWriter::create(path, size, frames_per_second > 0 ? frames_per_second : kUsualRate, VideoContent::kFrames);
  if (!writer) return tl::unexpected(writer.error());
  return std::make_unique<VideoSink>(path, std::move(*writer));
}

std::unique_ptr<Sink> make_null_sink() { return std::make_unique<NullSink>(); }

}  // namespace viba
