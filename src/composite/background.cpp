#include "composite/background.h"

#include <filesystem>

#include <fmt/format.h>

#include "base/data_dirs.h"
#include "composite/blur.h"
#include "media/scale.h"
#include "media/video_reader.h"

namespace viba {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

Result<Frame> plain_frame(FramePool& pool, Size size, YuvColor color) {
  return pool.acquire(size).map([&](MutableFrame&& frame) {
    fill(frame, color);
    return std::move(frame).freeze({});
  });
}

class StillBackground final : public Background {
 public:
  explicit StillBackground(Frame picture) : picture_(std::move(picture)) {}
  Result<Frame> behind(const Frame&, const Matte&) override { return picture_; }
  Result<Frame> instead_of(const Frame*, nanoseconds) override { return picture_; }

 private:
  Frame picture_;
};

/// Shows the video's frame that belongs to the source's time, so that a file comes out the same
/// however fast it is made.
class VideoBackground final : public Background {
 public:
  VideoBackground(VideoReader reader, Frame first, const Log& log)
      : reader_(std::move(reader)), shown_(std::move(first)), log_(log) {}

  Result<Frame> behind(const Frame& frame, const Matte&) override { return at(frame.info().position); }
  Result<Frame> instead_of(const Frame*, nanoseconds when) override { return at(when); }

 private:
  Frame at(nanoseconds when) {
    // After a suspend or a lost camera the video goes on where it was, instead of catching up. A
    // source whose frames are always far apart is no such case.
    constexpr nanoseconds kJump = std::chrono::seconds{2};
    const nanoseconds step = when - last_;
    if (step < nanoseconds{0} || step > std::max(kJump, 3 * last_step_)) round_start_ += step;
    last_step_ = step;
    last_ = when;
    while (!still_ && due(when)) advance();
    return shown_;
  }

  [[nodiscard]] bool due(nanoseconds when) {
    if (!next_) fetch();
    return next_ && round_start_ + next_->info().position <= when;
  }

  void advance() { shown_ = *std::exchange(next_, std::nullopt); }

  /// A video that cannot go on stays at its last picture: that is no reason to stop a call.
  void fetch() {
    auto frame = reader_.next();
    if (frame && !*frame) frame = next_round();
    if (frame && *frame) {
      next_ = std::move(*frame);
      return;
    }
    still_ = true;
    log_.warning(frame ? "The background video has one frame only; it is shown as a still."
                       : "The background video stands still from here: " + frame.error().message);
  }

  Result<std::optional<Frame>> next_round() {
    const double fps = reader_.info().frames_per_second;
    const nanoseconds frame_length(fps > 0 ? static_cast<std::int64_t>(1e9 / fps) : 0);
    round_start_ += shown_.info().position + frame_length;
    if (shown_.info().position + frame_length == nanoseconds{0}) return std::optional<Frame>{};
    if (auto ok = reader_.rewind(); !ok) return tl::unexpected(ok.error());
    return reader_.next();
  }

  VideoReader reader_;
  Frame shown_;
  std::optional<Frame> next_;
  nanoseconds round_start_{0};
  nanoseconds last_{0};
  nanoseconds last_step_{0};
  bool still_ = false;
  Log log_;
};

class BlurBackground final : public Background {
 public:
  BlurBackground(int strength, Size size) : blur_(strength), size_(size) {}

  Result<Frame> behind(const Frame& frame, const Matte& matte) override {
    return pool_.acquire(frame.size()).map([&](MutableFrame&& out) {
      blur_.run(frame, matte, out);
      return std::move(out).freeze(frame.info());
    });
  }

  Result<Frame> instead_of(const Frame* frame, nanoseconds) override {
    constexpr YuvColor kDarkGray{48, 128, 128};
    if (frame == nullptr) return plain_frame(pool_, size_, kDarkGray);
    return pool_.acquire(size_).map([&](MutableFrame&& out) {
      blur_beyond_recognition(*frame, out);
      return std::move(out).freeze(frame->info());
    });
  }

 private:
  FrameBlur blur_;
  Size size_;
  FramePool pool_;
};

constexpr const char* kDefaultPicture = "office";

/// A file as it is, else a bundled picture's name. Errors: kNotFound.
Result<std::string> find_picture(const Options& options) {
  const std::string name = options.background.empty() ? kDefaultPicture : options.background;
  std::error_code error;
  if (!options.background.empty() && fs::exists(name, error) && !fs::is_directory(name, error)) return name;
  std::string known;
  for (const auto& dir : data_dirs(options))
    for (const auto& entry : fs::directory_iterator(fs::path(dir) / "backgrounds", error)) {
      if (entry.path().stem() == name) return entry.path().string();
      known += (known.empty() ? "" : ", ") + entry.path().stem().string();
    }
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no background '{}': give a picture or video file, 'blur', 'color:#RRGGBB'{}.", name,
                          known.empty() ? "" : ", or one of the bundled " + known));
}

Result<std::unique_ptr<Background>> open_file(const std::string& path, Fit fit, Size size, const Log& log) {
  auto reader = VideoReader::open(path, {.size = size, .fit = fit});
  if (!reader) return tl::unexpected(reader.error());
  auto first = reader->next();
  if (!first) return tl::unexpected(first.error());
  if (!*first) return fail(ErrorCode::kBadData, fmt::format("The background {} holds no picture.", path));
  if (reader->info().picture) return std::make_unique<StillBackground>(std::move(**first));
  return std::make_unique<VideoBackground>(std::move(*reader), std::move(**first), log);
}

}  // namespace

Result<std::unique_ptr<Background>> make_background(const Options& options, Size size, const Log& log) {
  const auto blur = parse_blur(options.background);
  if (!blur) return tl::unexpected(blur.error());
  if (*blur) return std::make_unique<BlurBackground>(**blur, size);

  const auto color = parse_color(options.background);
  if (!color) return tl::unexpected(color.error());
  if (*color) {
    FramePool pool;
    auto frame = plain_frame(pool, size, yuv_of_rgb(**color >> 16, (**color >> 8) & 255, **color & 255));
    if (!frame) return tl::unexpected(frame.error());
    return std::make_unique<StillBackground>(std::move(*frame));
  }
  auto path = find_picture(options);
  if (!path) return tl::unexpected(path.error());
  return open_file(*path, options.background_fit, size, log);
}

}  // namespace viba
