#include "media/media_input.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <string_view>
#include <vector>

extern "C" {
#include <libavutil/avstring.h>
}

#include <fmt/format.h>

#include "base/file_error.h"
#include "media/buffer_pool.h"
#include "media/picture_header.h"
#include "media/y4m_tag.h"

namespace viba {
namespace {

/// What a picture or video may be packed in. Not among them are formats that name other files or
/// addresses (playlists, concatenations, session descriptions) and those that any text passes for.
constexpr const char* kStillFormats =
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,ppm_pipe,pgm_pipe,pbm_pipe,pam_pipe,qoi_pipe,jpegxl_pipe";
constexpr const char* kAnimationFormats = "gif,gif_pipe,apng,jpegxl_anim";
constexpr const char* kVideoFormats =
    "mov,mp4,matroska,webm,avi,yuv4mpegpipe,mpegts,mpeg,mpegvideo,h264,hevc,av1,obu,ivf,ogg,flv,asf,mjpeg,m4v,mxf,nut,"
    "dv";
/// A seek to their beginning is exact and much cheaper than to open them again.
constexpr const char* kSeekableFormats = "mov,mp4,matroska,webm,yuv4mpegpipe";

/// FFmpeg's own way of saying that nothing else may be opened on behalf of this file.
int refuse_other_files(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EACCES); }

/// The limits that FFmpeg's decoders keep before they take memory, one set for each stream.
class DecoderLimits {
 public:
  explicit DecoderLimits(unsigned streams) : options_(streams, nullptr) {
    for (AVDictionary*& options : options_) {
      av_dict_set_int(&options, "max_pixels", kMostPixels, 0);
      av_dict_set_int(&options, "threads", 1, 0);
    }
  }
  ~DecoderLimits() {
    for (AVDictionary*& options : options_) av_dict_free(&options);
  }
  DecoderLimits(const DecoderLimits&) = delete;
  DecoderLimits& operator=(const DecoderLimits&) = delete;
  [[nodiscard]] AVDictionary** get() { return options_.empty() ? nullptr : options_.data(); }

 private:
  std::vector<AVDictionary*> options_;
};

bool is_cut_off(const AVPacket& picture, AVCodecID codec) {
  if (picture.flags & AV_PKT_FLAG_CORRUPT) return true;
  return codec == AV_CODEC_ID_MJPEG && !jpeg_is_complete({picture.data, static_cast<std::size_t>(picture.size)});
}

bool header_has_bt601_tag(const InputFile& file) {
  std::array<std::uint8_t, 128> head{};
  const std::size_t got = file.read_at(0, head);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), got);
  return text.substr(0, text.find('\n')).find(kY4mBt601Tag) != std::string_view::npos;
}

}  // namespace

Result<void> check_readable_size(const std::string& path, Size size) {
  const bool large = size.width > detail::kMaxSide || size.height > detail::kMaxSide ||
                     std::int64_t{size.width} * size.height > kMostPixels;
  if (large)
    return fail(ErrorCode::kBadData,
                fmt::format("{} is {}x{} pixels, which is more than the {} on a side or {} million in all that ViBa "
                            "reads; scale it down first.",
                            path, size.width, size.height, detail::kMaxSide, kMostPixels / 1'000'000));
  if (size.width < 2 || size.height < 2)
    return fail(ErrorCode::kBadData,
                fmt::format("{} is {}x{} pixels, but the smallest that ViBa reads is 2x2; choose a larger one.", path,
                            size.width, size.height));
  return {};
}

Result<std::unique_ptr<MediaInput>> MediaInput::open(const std::string& path) {
  ffmpeg::silence();
  auto file = InputFile::open(path);
  if (!file) return tl::unexpected(file.error());
  if (const auto size = picture_size_in_header(**file)) {
    if (auto ok = check_readable_size(path, *size); !ok) return tl::unexpected(ok.error());
  }
  std::unique_ptr<MediaInput> input(new MediaInput(path, std::move(*file)));
  if (auto ok = input->open_container(); !ok) return tl::unexpected(ok.error());
  if (auto ok = input->open_stream(); !ok) return tl::unexpected(ok.error());
  if (auto ok = input->open_decoder(); !ok) return tl::unexpected(ok.error());
  return input;
}

MediaInput::MediaInput(std::string path, std::unique_ptr<InputFile> file)
    : path_(std::move(path)), file_(std::move(file)), packet_(ffmpeg::make_packet()) {}

MediaInput::~MediaInput() { avformat_close_input(&format_); }

tl::unexpected<Error> MediaInput::damaged() const {
  return fail(ErrorCode::kBadData,
              fmt::format("{} is damaged or cut off; choose another file or copy it anew.", path_));
}

bool MediaInput::format_is(const char* names) const { return av_match_list(format_->iformat->name, names, ','); }

Result<void> MediaInput::open_container() {
  const AVInputFormat* kind = nullptr;
  // By content only: a name's ending would let any file pass for anything.
  const bool known = av_probe_input_buffer2(file_->io(), &kind, "", nullptr, 0, 0) >= 0 && kind &&
                     (av_match_list(kind->name, kStillFormats, ',') || av_match_list(kind->name, kVideoFormats, ',') ||
                      av_match_list(kind->name, kAnimationFormats, ','));
  if (!known)
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is not a picture or video that ViBa can read; convert it to PNG, JPEG or MP4.", path_));
  format_ = avformat_alloc_context();
  if (!format_) throw std::bad_alloc();
  format_->pb = file_->io();
  format_->flags |= AVFMT_FLAG_CUSTOM_IO;
  format_->io_open = refuse_other_files;
  format_->protocol_whitelist = av_strdup("file");
  if (avformat_open_input(&format_, "", kind, nullptr) < 0) return damaged();
  declares_bt601_ = format_is("yuv4mpegpipe") && header_has_bt601_tag(*file_);
  return {};
}

Result<void> MediaInput::open_stream() {
  DecoderLimits limits(format_->nb_streams);
  if (avformat_find_stream_info(format_, limits.get()) < 0) return damaged();
  const int index = av_find_best_stream(format_, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0)
    return fail(ErrorCode::kUnsupported,
                fmt::format("There is no picture or video in {}; choose another file.", path_));
  stream_ = format_->streams[index];
  for (unsigned i = 0; i < format_->nb_streams; ++i)
    if (static_cast<int>(i) != index) format_->streams[i]->discard = AVDISCARD_ALL;
  const AVCodecParameters& parameters = *stream_->codecpar;
  if (parameters.width > 0 && parameters.height > 0)
    if (auto ok = check_readable_size(path_, {parameters.width, parameters.height}); !ok) return ok;
  picture_ = format_is(kStillFormats) || (stream_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  if (picture_ || !format_is(kAnimationFormats)) return {};
  auto single = holds_one_frame();
  if (!single) return tl::unexpected(single.error());
  picture_ = *single;
  return {};
}

Result<bool> MediaInput::holds_one_frame() {
  int packets = 0;
  while (packets < 2 && av_read_frame(format_, packet_.get()) >= 0) {
    packets += packet_->stream_index == stream_->index;
    av_packet_unref(packet_.get());
  }
  // What was read is gone; a new container begins at the beginning.
  avformat_close_input(&format_);
  if (avio_seek(file_->io(), 0, SEEK_SET) < 0) return tl::unexpected(cannot_read(path_, EIO));
  if (auto ok = open_container(); !ok) return tl::unexpected(ok.error());
  DecoderLimits limits(format_->nb_streams);
  if (avformat_find_stream_info(format_, limits.get()) < 0) return damaged();
  const int index = av_find_best_stream(format_, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0) return damaged();
  stream_ = format_->streams[index];
  return packets < 2;
}

Result<void> MediaInput::open_decoder() {
  const AVCodec* decoder = avcodec_find_decoder(stream_->codecpar->codec_id);
  if (!decoder)
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} holds {} video, which the FFmpeg of this system cannot decode; convert it to H.264.",
                            path_, avcodec_get_name(stream_->codecpar->codec_id)));
  codec_ = ffmpeg::make_codec(decoder);
  if (avcodec_parameters_to_context(codec_.get(), stream_->codecpar) < 0) return damaged();
  codec_->pkt_timebase = stream_->time_base;
  codec_->max_pixels = kMostPixels;
  codec_->thread_count = picture_ ? 1 : 0;
  // Half a picture looks like a whole one, unless the decoder gives up at the first mistake.
  if (picture_) codec_->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  if (avcodec_open2(codec_.get(), decoder, nullptr) < 0) return damaged();
  return {};
}

bool MediaInput::feed() {
  for (;;) {
    const int got = av_read_frame(format_, packet_.get());
    if (got < 0) {
      if (got == AVERROR(EIO)) read_error_ = EIO;
      draining_ = true;
      return avcodec_send_packet(codec_.get(), nullptr) >= 0;
    }
    const bool ours = packet_->stream_index == stream_->index;
    const bool cut_off = picture_ && is_cut_off(*packet_, codec_->codec_id);
    const int sent = ours && !cut_off ? avcodec_send_packet(codec_.get(), packet_.get()) : 0;
    av_packet_unref(packet_.get());
    if (ours) return sent >= 0 && !cut_off;
  }
}

Result<bool> MediaInput::decode(AVFrame& frame) {
  for (;;) {
    const int got = avcodec_receive_frame(codec_.get(), &frame);
    if (got == 0 && !(picture_ && (frame.decode_error_flags != 0 || (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0)))
      return true;
    if (got == AVERROR_EOF) break;
    if (picture_ && got != AVERROR(EAGAIN)) return damaged();
    if (got != AVERROR(EAGAIN)) continue;
    if (draining_) break;
    if (!feed() && picture_) return damaged();
  }
  if (read_error_ != 0) return tl::unexpected(cannot_read(path_, read_error_));
  return false;
}

Result<void> MediaInput::rewind() {
  const auto start = stream_->start_time == AV_NOPTS_VALUE ? 0 : stream_->start_time;
  const bool sought = format_is(kSeekableFormats) && read_error_ == 0 &&
                      av_seek_frame(format_, stream_->index, start, AVSEEK_FLAG_BACKWARD) >= 0;
  if (!sought) return reopen();
  avcodec_flush_buffers(codec_.get());
  draining_ = false;
  return {};
}

Result<void> MediaInput::reopen() {
  auto again = open(path_);
  if (!again) return tl::unexpected(Error{ErrorCode::kIo, again.error().message});
  MediaInput& fresh = **again;
  // The old container goes before the file that it reads from, both with `fresh`.
  std::swap(file_, fresh.file_);
  std::swap(format_, fresh.format_);
  std::swap(stream_, fresh.stream_);
  std::swap(codec_, fresh.codec_);
  draining_ = false;
  read_error_ = 0;
  return {};
}

double MediaInput::frames_per_second() const {
  constexpr double kMost = 1000;  // beyond it is a clock's tick, not a rate
  constexpr double kUsual = 25;
  for (const AVRational rate : {av_guess_frame_rate(format_, stream_, nullptr), stream_->avg_frame_rate}) {
    const double per_second = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    if (per_second > 0 && per_second <= kMost) return per_second;
  }
  return kUsual;
}

std::uint64_t MediaInput::frames() const {
  if (stream_->nb_frames > 0) return static_cast<std::uint64_t>(stream_->nb_frames);
  const double seconds = stream_->duration > 0   ? static_cast<double>(stream_->duration) * av_q2d(stream_->time_base)
                         : format_->duration > 0 ? static_cast<double>(format_->duration) / AV_TIME_BASE
                                                 : 0;
  constexpr double kMost = 1e9;  // what is more, a damaged file says
  const double frames = std::round(seconds * frames_per_second());
  return frames < kMost ? static_cast<std::uint64_t>(frames) : 0;
}

const std::int32_t* MediaInput::display_matrix() const {
  constexpr std::size_t kBytes = 9 * sizeof(std::int32_t);
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  const AVPacketSideData* found = av_packet_side_data_get(
      stream_->codecpar->coded_side_data, stream_->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return found && found->size >= kBytes ? reinterpret_cast<const std::int32_t*>(found->data) : nullptr;
#else
  std::size_t size = 0;
  const std::uint8_t* found = av_stream_get_side_data(stream_, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return found && size >= kBytes ? reinterpret_cast<const std::int32_t*>(found) : nullptr;
#endif
}

}  // namespace viba
