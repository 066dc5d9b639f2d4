#include <algorithm>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/opt.h>
}

#include <fmt/format.h>

#include "base/file_error.h"
#include "media/ffmpeg.h"
#include "media/frame_file.h"

namespace viba {
namespace {

struct CloseOutput {
  void operator()(AVFormatContext* format) const {
    avio_closep(&format->pb);
    avformat_free_context(format);
  }
};
using OutputPtr = std::unique_ptr<AVFormatContext, CloseOutput>;

/// An encoder and how it is asked for a picture that shows no loss at a good speed.
struct Candidate {
  const char* encoder;
  std::vector<std::pair<const char*, std::string>> settings;
};

std::vector<Candidate> candidates(Compression compression, Size size) {
  if (compression == Compression::kFfv1Gray) return {{"ffv1", {{"level", "3"}, {"g", "1"}, {"slices", "4"}}}};
  const auto bits_per_second =
      std::to_string(std::max<std::int64_t>(2'000'000, std::int64_t{size.width} * size.height * 6));
  return {{"libx264", {{"preset", "veryfast"}, {"crf", "18"}}},
          {"libopenh264", {{"b", bits_per_second}}},
          {"mpeg4", {{"flags", "+qscale"}, {"global_quality", std::to_string(3 * FF_QP2LAMBDA)}}}};
}

void describe_content(AVCodecContext& codec, Compression compression) {
  const bool gray = compression == Compression::kFfv1Gray;
  codec.pix_fmt = gray ? AV_PIX_FMT_GRAY8 : AV_PIX_FMT_YUV420P;
  codec.color_range = gray ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  if (gray) return;
  codec.colorspace = AVCOL_SPC_SMPTE170M;
  codec.color_primaries = AVCOL_PRI_SMPTE170M;
  codec.color_trc = AVCOL_TRC_SMPTE170M;
}

/// Fine enough for a file's own time stamps, a whole number of ticks for a frame of the constant rate,
/// and within the 16 bits that MPEG-4 allows.
AVRational time_base_for(AVRational rate) {
  constexpr int kMost = 65535;
  return {1, rate.num * std::max(1, kMost / rate.num)};
}

ffmpeg::CodecPtr open_encoder(const Candidate& candidate, Compression compression, Size size, AVRational rate,
                              bool global_header) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(candidate.encoder);
  if (!encoder) return nullptr;
  auto codec = ffmpeg::make_codec(encoder);
  codec->width = size.width;
  codec->height = size.height;
  codec->time_base = time_base_for(rate);
  codec->framerate = rate;
  codec->thread_count = 0;
  describe_content(*codec, compression);
  AVDictionary* settings = nullptr;
  for (const auto& [name, value] : candidate.settings) av_dict_set(&settings, name, value.c_str(), 0);
  if (global_header) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  const bool opened = avcodec_open2(codec.get(), encoder, &settings) >= 0;
  av_dict_free(&settings);
  return opened ? std::move(codec) : nullptr;
}

ffmpeg::CodecPtr open_any_encoder(Compression compression, Size size, AVRational rate, bool global_header) {
  for (const Candidate& candidate : candidates(compression, size))
    if (auto codec = open_encoder(candidate, compression, size, rate, global_header)) return codec;
  return nullptr;
}

/// Lets FFmpeg hold on to a picture of ours for as long as it wants, without a copy.
template <class Picture>
AVBufferRef* share(const Picture& picture, std::uint8_t* bytes, std::size_t size) {
  auto held = std::make_unique<Picture>(picture);
  const auto release = [](void* opaque, std::uint8_t*) { delete static_cast<Picture*>(opaque); };
  AVBufferRef* buffer = av_buffer_create(bytes, size, release, held.get(), AV_BUFFER_FLAG_READONLY);
  if (!buffer) throw std::bad_alloc();
  (void)held.release();
  return buffer;
}

/// FFmpeg's frames have no read-only pointers; the buffer is marked as read-only instead.
std::uint8_t* writable(const std::uint8_t* bytes) { return const_cast<std::uint8_t*>(bytes); }

void lend_plane(AVFrame& to, std::size_t index, ConstPlane plane) {
  to.data[index] = writable(plane.data);
  to.linesize[index] = plane.stride;
}

class EncodedFile : public FrameFile {
 public:
  EncodedFile(PartFile file, OutputPtr format, ffmpeg::CodecPtr codec)
      : file_(std::move(file)),
        format_(std::move(format)),
        codec_(std::move(codec)),
        frame_(ffmpeg::make_frame()),
        packet_(ffmpeg::make_packet()) {}

  Result<void> begin(bool index_first) {
    AVStream* stream = avformat_new_stream(format_.get(), nullptr);
    if (!stream || avcodec_parameters_from_context(stream->codecpar, codec_.get()) < 0) throw std::bad_alloc();
    stream->time_base = codec_->time_base;
    stream->avg_frame_rate = codec_->framerate;
    int done = avio_open2(&format_->pb, format_->url, AVIO_FLAG_WRITE, nullptr, nullptr);
    if (done < 0) return failed(done);
    AVDictionary* settings = nullptr;
    if (index_first) av_dict_set(&settings, "movflags", "+faststart", 0);
    done = avformat_write_header(format_.get(), &settings);
    av_dict_free(&settings);
    return done < 0 ? failed(done) : Result<void>{};
  }

  Result<void> write(const Frame& frame) override {
    const std::uint8_t* end = frame.v().row(frame.v().size.height - 1) + frame.v().size.width;
    frame_->buf[0] = share(frame, writable(frame.y().data), static_cast<std::size_t>(end - frame.y().data));
    lend_plane(*frame_, 0, frame.y());
    lend_plane(*frame_, 1, frame.u());
    lend_plane(*frame_, 2, frame.v());
    return encode(frame.info().position);
  }

  Result<void> write(const Matte& matte) override {
    const ConstPlane alpha = matte.alpha();
    const auto bytes = static_cast<std::size_t>(alpha.stride) * static_cast<std::size_t>(alpha.size.height);
    frame_->buf[0] = share(matte, writable(alpha.data), bytes);
    lend_plane(*frame_, 0, alpha);
    return encode(matte.info().position);
  }

  Result<void> finish() override {
    if (const int sent = avcodec_send_frame(codec_.get(), nullptr); sent < 0) return failed(sent);
    if (auto ok = store_packets(); !ok) return ok;
    if (const int done = av_write_trailer(format_.get()); done < 0) return failed(done);
    if (const int closed = avio_closep(&format_->pb); closed < 0) return failed(closed);
    return file_.commit();
  }

 private:
  /// The picture's own time where it has one, else a tick of the constant rate after the last.
  std::int64_t stamp_of(std::chrono::nanoseconds position) {
    constexpr AVRational kNanoseconds{1, 1'000'000'000};
    if (!first_position_) {
      first_position_ = last_position_ = position;
      return stamp_ = 0;
    }
    const bool timed = position > last_position_;
    last_position_ = position;
    if (!timed) return stamp_ += tick();
    return stamp_ = std::max(stamp_ + 1,
                             av_rescale_q((position - *first_position_).count(), kNanoseconds, codec_->time_base));
  }

  [[nodiscard]] std::int64_t tick() const {
    return std::max<std::int64_t>(1, av_rescale_q(1, av_inv_q(codec_->framerate), codec_->time_base));
  }

  Result<void> encode(std::chrono::nanoseconds position) {
    frame_->format = codec_->pix_fmt;
    frame_->width = codec_->width;
    frame_->height = codec_->height;
    frame_->color_range = codec_->color_range;
    frame_->colorspace = codec_->colorspace;
    frame_->color_primaries = codec_->color_primaries;
    frame_->color_trc = codec_->color_trc;
    frame_->pts = stamp_of(position);
    const int sent = avcodec_send_frame(codec_.get(), frame_.get());
    av_frame_unref(frame_.get());
    return sent < 0 ? failed(sent) : store_packets();
  }

  Result<void> store_packets() {
    while (avcodec_receive_packet(codec_.get(), packet_.get()) >= 0) {
      packet_->stream_index = 0;
      if (packet_->duration == 0) packet_->duration = tick();
      av_packet_rescale_ts(packet_.get(), codec_->time_base, format_->streams[0]->time_base);
      if (const int done = av_interleaved_write_frame(format_.get(), packet_.get()); done < 0) return failed(done);
    }
    return {};
  }

  /// The first error of the file itself says more than what FFmpeg makes of it.
  Result<void> failed(int error) const {
    const AVIOContext* io = format_->pb;
    return tl::unexpected(cannot_write(file_.path(), AVUNERROR(io && io->error < 0 ? io->error : error)));
  }

  PartFile file_;
  OutputPtr format_;
  ffmpeg::CodecPtr codec_;
  ffmpeg::FramePtr frame_;
  ffmpeg::PacketPtr packet_;
  std::optional<std::chrono::nanoseconds> first_position_;
  std::chrono::nanoseconds last_position_{0};
  std::int64_t stamp_ = 0;  ///< of the last picture, in the encoder's time base
};

}  // namespace

Result<std::unique_ptr<FrameFile>> create_encoded_file(PartFile file, const char* container, Compression compression,
                                                       Size size, AVRational rate) {
  // "file:" keeps a colon in a name from being taken for a protocol. The MP4 writer opens it once more
  // to put the index first.
  const std::string url = "file:" + file.part_path();
  AVFormatContext* format = nullptr;
  const int made = avformat_alloc_output_context2(&format, nullptr, container, url.c_str());
  OutputPtr output(format);
  const bool global_header = made >= 0 && (output->oformat->flags & AVFMT_GLOBALHEADER) != 0;
  auto codec = made >= 0 ? open_any_encoder(compression, size, rate, global_header) : nullptr;
  if (!codec)
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("The FFmpeg of this system has no encoder for {}; choose a name ending in .y4m.", file.path()));
  auto written = std::make_unique<EncodedFile>(std::move(file), std::move(output), std::move(codec));
  if (auto ok = written->begin(std::string_view(container) == "mp4"); !ok) return tl::unexpected(ok.error());
  return written;
}

}  // namespace viba
