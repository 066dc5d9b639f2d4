#include "media/video_reader.h"

#include <algorithm>
#include <new>

#include <fmt/format.h>

#include "media/frame_converter.h"
#include "media/media_input.h"

namespace viba {

struct VideoReader::Impl {
  Impl(std::string from, VideoReaderOptions how, std::unique_ptr<MediaInput> opened)
      : path(std::move(from)),
        options(how),
        input(std::move(opened)),
        converter(input->picture() || input->declares_bt601() ? UntaggedMatrix::kBt601 : UntaggedMatrix::kBySize),
        decoded(ffmpeg::make_frame()) {}

  Result<void> read_first();
  Result<std::optional<Frame>> next();
  Result<std::optional<Frame>> decode();
  Result<void> rewind();
  Orientation orientation() const;
  std::chrono::nanoseconds position();

  std::string path;
  VideoReaderOptions options;
  std::unique_ptr<MediaInput> input;
  FrameConverter converter;
  ffmpeg::FramePtr decoded;
  VideoInfo info;
  std::optional<Frame> first;  ///< decoded by `open`, not handed out yet
  std::uint64_t sequence = 0;
  std::optional<std::int64_t> first_stamp;
  std::chrono::nanoseconds last{-1};
};

/// The first frame is what tells the size: pictures carry their rotation in it, and some containers
/// are wrong about the size.
Result<void> VideoReader::Impl::read_first() {
  auto frame = decode();
  if (!frame) return tl::unexpected(frame.error());
  if (!*frame)
    return fail(ErrorCode::kBadData,
                fmt::format("Nothing in {} can be decoded, it is damaged or cut off; choose another file.", path));
  info.size = (*frame)->size();
  info.coded_size = {decoded->width, decoded->height};
  info.picture = input->picture();
  info.frames_per_second = info.picture ? 0 : input->frames_per_second();
  info.frames = info.picture ? 1 : input->frames();
  first = std::move(*frame);
  return {};
}

Result<std::optional<Frame>> VideoReader::Impl::next() {
  if (first) return std::exchange(first, std::nullopt);
  if (info.picture && sequence > 0) return std::nullopt;
  return decode();
}

Result<std::optional<Frame>> VideoReader::Impl::decode() {
  for (;;) {
    av_frame_unref(decoded.get());
    auto got = input->decode(*decoded);
    if (!got) return tl::unexpected(got.error());
    if (!*got) return std::nullopt;
    auto readable = check_readable_size(path, {decoded->width, decoded->height});
    if (!readable && sequence == 0) return tl::unexpected(readable.error());
    if (!readable) continue;
    // A stream may change its size on the way; its frames keep that of the first.
    const Size size = sequence > 0 ? info.size : options.size.value_or(Size{});
    auto frame = size == Size{} ? converter.convert(*decoded, orientation())
                                : converter.convert(*decoded, orientation(), size, options.fit);
    if (!frame && frame.error().code == ErrorCode::kBadData) continue;
    if (!frame) return tl::unexpected(frame.error());
    const FrameInfo of_this{sequence, position(), std::chrono::steady_clock::now()};
    ++sequence;
    return std::move(*frame).freeze(of_this);
  }
}

Orientation VideoReader::Impl::orientation() const {
  const AVFrameSideData* own = av_frame_get_side_data(decoded.get(), AV_FRAME_DATA_DISPLAYMATRIX);
  if (own && own->size >= 9 * sizeof(std::int32_t))
    return orientation_of(reinterpret_cast<const std::int32_t*>(own->data));
  return orientation_of(input->display_matrix());
}

/// Damaged files jump in time; time never goes backwards here.
std::chrono::nanoseconds VideoReader::Impl::position() {
  using std::chrono::nanoseconds;
  const std::int64_t stamp = decoded->best_effort_timestamp;
  const auto interval =
      std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(1 / input->frames_per_second()));
  nanoseconds at = last.count() < 0 ? nanoseconds{0} : last + interval;
  if (stamp != AV_NOPTS_VALUE) {
    constexpr AVRational kNanoseconds{1, 1'000'000'000};
    if (!first_stamp) first_stamp = av_sat_sub64(stamp, av_rescale_q(at.count(), kNanoseconds, input->time_base()));
    const nanoseconds told(av_rescale_q(av_sat_sub64(stamp, *first_stamp), input->time_base(), kNanoseconds));
    // A step of more than a day is damage, whatever the number says.
    if (told < std::max(last, nanoseconds{0}) + std::chrono::hours(24)) at = told;
  }
  return last = std::max(at, last + nanoseconds{1});
}

Result<void> VideoReader::Impl::rewind() {
  if (first) return {};
  if (auto ok = input->rewind(); !ok) return ok;
  sequence = 0;
  first_stamp.reset();
  last = std::chrono::nanoseconds{-1};
  return {};
}

VideoReader::VideoReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;
VideoReader::~VideoReader() = default;

Result<VideoReader> VideoReader::open(const std::string& path, VideoReaderOptions options) {
  try {
    auto input = MediaInput::open(path);
    if (!input) return tl::unexpected(input.error());
    auto impl = std::make_unique<Impl>(path, options, std::move(*input));
    if (auto ok = impl->read_first(); !ok) return tl::unexpected(ok.error());
    return VideoReader(std::move(impl));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, fmt::format("Not enough memory to read {}; choose a smaller file.", path));
  }
}

const VideoInfo& VideoReader::info() const { return impl_->info; }

Result<std::optional<Frame>> VideoReader::next() {
  try {
    return impl_->next();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, fmt::format("Not enough memory to read {}; choose a smaller file.", impl_->path));
  }
}

Result<void> VideoReader::rewind() {
  try {
    return impl_->rewind();
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, fmt::format("Not enough memory to read {}; choose a smaller file.", impl_->path));
  }
}

Result<Frame> load_picture(const std::string& path, VideoReaderOptions options) {
  auto reader = VideoReader::open(path, options);
  if (!reader) return tl::unexpected(reader.error());
  auto frame = reader->next();
  if (!frame) return tl::unexpected(frame.error());
  if (!*frame) return fail(ErrorCode::kBadData, fmt::format("{} holds no picture; choose another file.", path));
  return **frame;
}

}  // namespace viba
