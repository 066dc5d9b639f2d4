#include "pipeline/bench_clip.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <linux/videodev2.h>

#include "media/jpeg_encoder.h"
#include "media/video_reader.h"
#include "output/output_format.h"

namespace viba {
namespace {

std::uint32_t fourcc_of(BenchFormat format) {
  switch (format) {
    case BenchFormat::kMjpeg: return V4L2_PIX_FMT_MJPEG;
    case BenchFormat::kNv12: return V4L2_PIX_FMT_NV12;
    case BenchFormat::kI420: return V4L2_PIX_FMT_YUV420;
    case BenchFormat::kYuyv: break;
  }
  return V4L2_PIX_FMT_YUYV;
}

/// Null for JPEG, which no sink writes.
const OutputFormat* raw_format(BenchFormat format) { return find_output_format(fourcc_of(format)); }

CameraSetup setup_of(const BenchSettings& settings) {
  const CameraFormat* format = find_camera_format(fourcc_of(settings.format));
  const OutputFormat* raw = raw_format(settings.format);
  return {.format = format,
          .size = settings.size,
          .bytes_per_line = raw ? raw->stride(settings.size) : 0,
          .color = camera_color_space(format->kind, std::nullopt, std::nullopt),
          .frames_per_second = settings.frames_per_second};
}

std::size_t most_pictures(const BenchSettings& settings) {
  constexpr std::size_t kMostBytes = 256'000'000;
  const OutputFormat* raw = raw_format(settings.format);
  const std::size_t most = BenchClip::kMostPictures;
  return raw ? std::clamp<std::size_t>(kMostBytes / raw->bytes(settings.size), 2, most) : most;
}

Result<void> pack(const Frame& frame, BenchFormat format, JpegEncoder& jpeg, std::vector<std::uint8_t>& out) {
  const OutputFormat* raw = raw_format(format);
  if (!raw) return jpeg.encode(frame, out);
  out.resize(raw->bytes(frame.size()));
  raw->pack(frame, out.data());
  return {};
}

Error no_room(int error_number) {
  return {ErrorCode::kIo, fmt::format("The clip could not be kept in memory ({}): choose a smaller --size.",
                                      std::generic_category().message(error_number))};
}

}  // namespace

std::size_t to_and_fro(std::uint64_t n, std::size_t count) {
  if (count < 2) return 0;
  const std::size_t step = n % (2 * count - 2);
  return step < count ? step : 2 * count - 2 - step;
}

Result<BenchClip> BenchClip::create(const std::string& file, const BenchSettings& settings,
                                    const std::stop_token& stop) {
  auto reader = VideoReader::open(file, {.size = settings.size, .fit = Fit::kCover});
  if (!reader) return tl::unexpected(reader.error());
  auto jpeg = JpegEncoder::create();
  if (!jpeg) return tl::unexpected(jpeg.error());
  BenchClip clip;
  clip.setup_ = setup_of(settings);
  clip.memory_ = Fd(memfd_create("viba-bench", MFD_CLOEXEC));
  if (clip.memory_.get() < 0) return tl::unexpected(no_room(errno));
  const std::size_t most = most_pictures(settings);
  std::vector<std::uint8_t> packed;
  while (clip.pictures_.size() < most) {
    if (stop.stop_requested()) return fail(ErrorCode::kClosed, "Stopped before anything was measured.");
    const auto frame = reader->next();
    if (!frame) return tl::unexpected(frame.error());
    if (!*frame) break;
    auto added = pack(**frame, settings.format, *jpeg, packed).and_then([&] { return clip.add(packed); });
    if (!added) return tl::unexpected(added.error());
  }
  if (clip.pictures_.empty())
    return fail(ErrorCode::kBadData, fmt::format("{} holds no picture; choose another file.", file));
  clip.buffer_.resize(std::ranges::max(clip.pictures_, {}, &Picture::bytes).bytes);
  return clip;
}

Result<void> BenchClip::add(std::span<const std::uint8_t> picture) {
  const std::int64_t offset = pictures_.empty() ? 0 : pictures_.back().offset + std::int64_t(pictures_.back().bytes);
  pictures_.push_back({offset, picture.size()});
  while (!picture.empty()) {
    const auto written = write(memory_.get(), picture.data(), picture.size());
    if (written < 0) return tl::unexpected(no_room(errno));
    picture = picture.subspan(std::size_t(written));
  }
  return {};
}

Result<std::span<const std::uint8_t>> BenchClip::load(std::uint64_t n) {
  const Picture& picture = pictures_[to_and_fro(n, pictures_.size())];
  for (std::size_t done = 0; done < picture.bytes;) {
    const auto got =
        pread(memory_.get(), buffer_.data() + done, picture.bytes - done, picture.offset + std::int64_t(done));
    if (got <= 0) return fail(ErrorCode::kIo, "The clip that is measured with could not be read back from memory.");
    done += std::size_t(got);
  }
  return std::span<const std::uint8_t>(buffer_).first(picture.bytes);
}

}  // namespace viba
