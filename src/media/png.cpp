#include <cerrno>
#include <cstdio>
#include <new>

#include <fmt/format.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from.h>
#include <libyuv/planar_functions.h>

#include "base/file_error.h"
#include "media/ffmpeg.h"
#include "media/part_file.h"
#include "media/video_writer.h"

namespace viba {
namespace {

ffmpeg::FramePtr picture(Size size, AVPixelFormat format) {
  auto frame = ffmpeg::make_frame();
  frame->width = size.width;
  frame->height = size.height;
  frame->format = format;
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  return frame;
}

ffmpeg::PacketPtr compressed(const AVFrame& frame) {
  const AVCodec* encoder = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (!encoder) return nullptr;
  auto codec = ffmpeg::make_codec(encoder);
  codec->width = frame.width;
  codec->height = frame.height;
  codec->pix_fmt = static_cast<AVPixelFormat>(frame.format);
  codec->color_range = AVCOL_RANGE_JPEG;
  codec->time_base = {1, 1};
  codec->thread_count = 1;
  auto packet = ffmpeg::make_packet();
  const bool done = avcodec_open2(codec.get(), encoder, nullptr) >= 0 && avcodec_send_frame(codec.get(), &frame) >= 0 &&
                    avcodec_send_frame(codec.get(), nullptr) >= 0 &&
                    avcodec_receive_packet(codec.get(), packet.get()) >= 0;
  return done ? std::move(packet) : nullptr;
}

template <class Fill>
Result<void> write(const std::string& path, Size size, AVPixelFormat format, Fill fill) {
  ffmpeg::silence();
  if (size.width <= 0 || size.height <= 0)
    return fail(ErrorCode::kUsage, fmt::format("There is no picture to write into {}.", path));
  try {
    auto part = PartFile::create(path);
    if (!part) return tl::unexpected(part.error());
    const auto frame = picture(size, format);
    fill(frame->data[0], frame->linesize[0]);
    const auto packet = compressed(*frame);
    if (!packet)
      return fail(ErrorCode::kUnsupported,
                  fmt::format("The FFmpeg of this system cannot make PNG, so {} is not written; use .y4m.", path));
    return write_and_commit(std::move(*part), {packet->data, static_cast<std::size_t>(packet->size)});
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kInternal, fmt::format("Not enough memory to write {}; choose a smaller size.", path));
  }
}

}  // namespace

Result<void> write_png(const std::string& path, const Frame& frame) {
  return write(path, frame.size(), AV_PIX_FMT_RGB24, [&](std::uint8_t* rgb, int stride) {
    // libyuv names formats by their bytes from the last to the first: its RAW is R, G, B in memory.
    libyuv::I420ToRAW(frame.y().data, frame.y().stride, frame.u().data, frame.u().stride, frame.v().data,
                      frame.v().stride, rgb, stride, frame.size().width, frame.size().height);
  });
}

Result<void> write_png(const std::string& path, const Matte& matte) {
  return write(path, matte.size(), AV_PIX_FMT_GRAY8, [&](std::uint8_t* gray, int stride) {
    libyuv::CopyPlane(matte.alpha().data, matte.alpha().stride, gray, stride, matte.size().width, matte.size().height);
  });
}

}  // namespace viba
