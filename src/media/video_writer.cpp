#include "media/video_writer.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <string_view>

#include <fmt/format.h>

#include "media/ffmpeg.h"
#include "media/frame_file.h"

namespace viba {
namespace {

enum class Container { kMp4, kMkv, kY4m };

Result<Container> container_of(const std::string& path) {
  std::string name = path;
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (name.ends_with(".mp4")) return Container::kMp4;
  if (name.ends_with(".mkv")) return Container::kMkv;
  if (name.ends_with(".y4m")) return Container::kY4m;
  return fail(ErrorCode::kUsage,
              fmt::format("Cannot tell from its name what kind of video {} is to be; use one that ends in .mp4, .mkv "
                          "or .y4m.",
                          path));
}

/// The exact rate behind a rounded one: 29.97 is 30000/1001.
AVRational exact_rate(double frames_per_second) {
  constexpr double kTolerance = 1e-3;
  const double whole = std::round(frames_per_second);
  if (whole >= 1 && std::abs(frames_per_second - whole) < kTolerance) return {static_cast<int>(whole), 1};
  const double ntsc = std::round(frames_per_second * 1.001);
  if (ntsc >= 1 && std::abs(frames_per_second - ntsc / 1.001) < kTolerance)
    return {static_cast<int>(ntsc) * 1000, 1001};
  return av_d2q(frames_per_second, 60'000);
}

Result<void> check(const std::string& path, Size size, double frames_per_second, VideoContent content) {
  constexpr double kLeast = 0.01;
  constexpr double kMost = 1000;
  if (!(frames_per_second >= kLeast && frames_per_second <= kMost))
    return fail(ErrorCode::kUsage, fmt::format("A video like {} cannot have {} frames a second; choose from {} to {}.",
                                               path, frames_per_second, kLeast, kMost));
  const bool even = round_to_even(size) == size || content == VideoContent::kMattes;
  if (size.width < 2 || size.height < 2 || !even)
    return fail(ErrorCode::kUsage, fmt::format("A video like {} cannot be {}x{} pixels; both sides must be even.", path,
                                               size.width, size.height));
  return {};
}

}  // namespace

struct VideoWriter::Impl {
  std::string path;
  Size size;
  VideoContent content;
  std::unique_ptr<FrameFile> file;
  bool written = false;  ///< at least one picture

  template <class Picture>
  Result<void> write(const Picture& picture, VideoContent as) {
    if (!file) return fail(ErrorCode::kUsage, fmt::format("{} is complete; nothing can be added to it.", path));
    if (as != content)
      return fail(ErrorCode::kUsage, fmt::format("{} was begun for {}; it cannot take the other.", path,
                                                 content == VideoContent::kFrames ? "frames" : "mattes"));
    if (picture.size() != size)
      return fail(ErrorCode::kUsage,
                  fmt::format("{} was begun with {}x{} pixels; it cannot take a picture of {}x{}.", path, size.width,
                              size.height, picture.size().width, picture.size().height));
    try {
      written = true;
      return file->write(picture);
    } catch (const std::bad_alloc&) {
      return fail(ErrorCode::kInternal, fmt::format("Not enough memory to write {}; choose a smaller size.", path));
    }
  }
};

VideoWriter::VideoWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;
VideoWriter::~VideoWriter() = default;

Result<VideoWriter> VideoWriter::create(const std::string& path, Size size, double frames_per_second,
                                        VideoContent content) {
  ffmpeg::silence();
  const auto container = container_of(path);
  if (!container) return tl::unexpected(container.error());
  const bool mattes = content == VideoContent::kMattes;
  if (mattes && *container != Container::kMkv)
    return fail(ErrorCode::kUsage,
                fmt::format("Mattes are lossless and cannot go into {}; use a name that ends in .mkv.", path));
  if (auto ok = check(path, size, frames_per_second, content); !ok) return tl::unexpected(ok.error());
  const AVRational rate = exact_rate(frames_per_second);
  try {
    auto part = PartFile::create(path);
    if (!part) return tl::unexpected(part.error());
    auto file = *container == Container::kY4m
                    ? create_y4m_file(std::move(*part), size, rate)
                    : create_encoded_file(std::move(*part), *container == Container::kMp4 ? "mp4" : "matroska",
                                          mattes ? Compression::kFfv1Gray : Compression::kH264, size, rate);
    if (!file) return tl::unexpected(file.error());
    return VideoWriter(std::make_unique<Impl>(Impl{path, size, content, std::move(*file), false}));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, fmt::format("Not enough memory to write {}; choose a smaller size.", path));
  }
}

Result<void> VideoWriter::write(const Frame& frame) { return impl_->write(frame, VideoContent::kFrames); }

Result<void> VideoWriter::write(const Matte& matte) { return impl_->write(matte, VideoContent::kMattes); }

Result<void> VideoWriter::finish() {
  const auto file = std::move(impl_->file);
  return file && impl_->written ? file->finish() : Result<void>{};
}

}  // namespace viba
