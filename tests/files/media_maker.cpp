#include "files/media_maker.h"

#include <cmath>
#include <cstring>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include "media/media_input.h"

namespace viba::test {
namespace {

struct CloseOutput {
  void operator()(AVFormatContext* format) const {
    avio_closep(&format->pb);
    avformat_free_context(format);
  }
};

/// What component `c` of a pixel is, as a number of `depth` bits.
int component_value(const MediaSpec& spec, const AVPixFmtDescriptor& format, int c, Rgba colour) {
  const auto index = static_cast<std::size_t>(c);
  const int depth = format.comp[c].depth;
  const double most = (1 << depth) - 1;
  const bool alpha = (format.flags & AV_PIX_FMT_FLAG_ALPHA) && c == format.nb_components - 1;
  if (alpha) return static_cast<int>(std::lround(colour[3] * most));
  if (format.flags & AV_PIX_FMT_FLAG_RGB) return static_cast<int>(std::lround(colour[index] * most));
  const double y = spec.kr * colour[0] + (1 - spec.kr - spec.kb) * colour[1] + spec.kb * colour[2];
  const double chroma = c == 1 ? (colour[2] - y) / (2 * (1 - spec.kb)) : (colour[0] - y) / (2 * (1 - spec.kr));
  const bool full = spec.range == AVCOL_RANGE_JPEG || format.nb_components <= 2;
  const double scale = 1 << (depth - 8);
  const double value = c == 0 ? (full ? y * 255 : 16 + 219 * y) : 128 + chroma * (full ? 255 : 224);
  return static_cast<int>(std::lround(std::min(value, 255.0) * scale));
}

void set_component(AVFrame& frame, const AVComponentDescriptor& comp, int x, int y, int value) {
  std::uint8_t* at = frame.data[comp.plane] + y * frame.linesize[comp.plane] + x * comp.step + comp.offset;
  if (comp.depth > 8) {
    const auto wide = static_cast<std::uint16_t>(value << comp.shift);
    std::memcpy(at, &wide, sizeof wide);
  } else {
    *at = static_cast<std::uint8_t>(*at | value << comp.shift);
  }
}

void clear(AVFrame& frame, const AVPixFmtDescriptor& format) {
  const int planes = av_pix_fmt_count_planes(static_cast<AVPixelFormat>(frame.format));
  for (int p = 0; p < planes; ++p) {
    const int shift = p == 1 || p == 2 ? format.log2_chroma_h : 0;
    const auto rows = static_cast<std::size_t>(-((-frame.height) >> shift));
    std::memset(frame.data[p], 0, rows * static_cast<std::size_t>(frame.linesize[p]));
  }
}

void paint(AVFrame& frame, const MediaSpec& spec, const Painter& painter, int number) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(spec.format);
  clear(frame, format);
  const bool yuv = !(format.flags & AV_PIX_FMT_FLAG_RGB);
  for (int c = 0; c < format.nb_components; ++c) {
    const bool chroma = yuv && (c == 1 || c == 2);
    const int sx = chroma ? format.log2_chroma_w : 0;
    const int sy = chroma ? format.log2_chroma_h : 0;
    for (int y = 0; y < -((-spec.size.height) >> sy); ++y)
      for (int x = 0; x < -((-spec.size.width) >> sx); ++x)
        set_component(frame, format.comp[c], x, y, component_value(spec, format, c, painter(x << sx, y << sy, number)));
  }
}

void set_display_matrix(AVStream* stream, const std::array<int, 4>& abcd) {
  if (abcd == std::array<int, 4>{1, 0, 0, 1}) return;
  constexpr std::size_t kBytes = 9 * sizeof(std::int32_t);
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 100)
  std::uint8_t* bytes =
      av_packet_side_data_new(&stream->codecpar->coded_side_data, &stream->codecpar->nb_coded_side_data,
                              AV_PKT_DATA_DISPLAYMATRIX, kBytes, 0)
          ->data;
#else
  std::uint8_t* bytes = av_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, kBytes);
#endif
  constexpr std::int32_t kOne = 1 << 16;
  const std::int32_t matrix[9] = {abcd[0] * kOne, abcd[1] * kOne, 0, abcd[2] * kOne, abcd[3] * kOne, 0, 0, 0, 1 << 30};
  std::memcpy(bytes, matrix, kBytes);
}

ffmpeg::CodecPtr open_encoder(const MediaSpec& spec, bool global_header) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(spec.encoder);
  if (!encoder) return nullptr;
  auto codec = ffmpeg::make_codec(encoder);
  codec->width = spec.size.width;
  codec->height = spec.size.height;
  codec->pix_fmt = spec.format;
  codec->time_base = {1, spec.frames_per_second};
  codec->framerate = {spec.frames_per_second, 1};
  codec->colorspace = spec.space;
  codec->color_range = spec.range;
  codec->flags |= AV_CODEC_FLAG_QSCALE;
  codec->global_quality = FF_QP2LAMBDA;  // the best that lossy encoders give
  codec->thread_count = 1;
  if (global_header) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  return avcodec_open2(codec.get(), encoder, nullptr) >= 0 ? std::move(codec) : nullptr;
}

bool store_packets(AVFormatContext* format, AVCodecContext* codec) {
  const auto packet = ffmpeg::make_packet();
  while (avcodec_receive_packet(codec, packet.get()) >= 0) {
    if (packet->duration == 0) packet->duration = 1;
    av_packet_rescale_ts(packet.get(), codec->time_base, format->streams[0]->time_base);
    if (av_interleaved_write_frame(format, packet.get()) < 0) return false;
  }
  return true;
}

}  // namespace

bool make_media(const std::string& path, const MediaSpec& spec, const Painter& painter) {
  ffmpeg::silence();
  AVFormatContext* allocated = nullptr;
  if (avformat_alloc_output_context2(&allocated, nullptr, spec.container, nullptr) < 0) return false;
  const std::unique_ptr<AVFormatContext, CloseOutput> format(allocated);
  const auto codec = open_encoder(spec, (format->oformat->flags & AVFMT_GLOBALHEADER) != 0);
  if (!codec) return false;
  AVStream* stream = avformat_new_stream(format.get(), nullptr);
  avcodec_parameters_from_context(stream->codecpar, codec.get());
  stream->time_base = codec->time_base;
  stream->avg_frame_rate = codec->framerate;
  set_display_matrix(stream, spec.display);
  if (avio_open(&format->pb, ("file:" + path).c_str(), AVIO_FLAG_WRITE) < 0) return false;
  if (avformat_write_header(format.get(), nullptr) < 0) return false;
  for (int i = 0; i < spec.frames; ++i) {
    const auto frame = ffmpeg::make_frame();
    frame->width = spec.size.width;
    frame->height = spec.size.height;
    frame->format = spec.format;
    frame->colorspace = spec.space;
    frame->color_range = spec.range;
    frame->quality = FF_QP2LAMBDA;
    frame->pts = i;
    if (av_frame_get_buffer(frame.get(), 0) < 0) return false;
    paint(*frame, spec, painter, i);
    if (avcodec_send_frame(codec.get(), frame.get()) < 0 || !store_packets(format.get(), codec.get())) return false;
  }
  avcodec_send_frame(codec.get(), nullptr);
  return store_packets(format.get(), codec.get()) && av_write_trailer(format.get()) >= 0;
}

std::vector<std::string> gray_planes(const std::string& path) {
  std::vector<std::string> planes;
  auto input = MediaInput::open(path);
  const auto frame = ffmpeg::make_frame();
  while (input && (*input)->decode(*frame).value_or(false)) {
    std::string& plane = planes.emplace_back();
    for (int y = 0; y < frame->height; ++y)
      plane.append(reinterpret_cast<const char*>(frame->data[0]) + y * frame->linesize[0],
                   static_cast<std::size_t>(frame->width));
  }
  return planes;
}

Rgba bar_colour(int bar) { return {bar & 4 ? 1.0 : 0.0, bar & 2 ? 1.0 : 0.0, bar & 1 ? 1.0 : 0.0, 1.0}; }

Painter bars(int width) {
  return [width](int x, int, int) { return bar_colour(x * 8 / width); };
}

}  // namespace viba::test
