#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libswscale/swscale.h>
}

#include <viba/result.h>

/// What every user of FFmpeg's libraries here needs: owners for its objects and words for errors.
namespace viba::ffmpeg {

struct Deleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};

using FramePtr = std::unique_ptr<AVFrame, Deleter>;
using PacketPtr = std::unique_ptr<AVPacket, Deleter>;
using CodecPtr = std::unique_ptr<AVCodecContext, Deleter>;
using SwsPtr = std::unique_ptr<SwsContext, Deleter>;

/// These throw std::bad_alloc, as `new` does.
[[nodiscard]] FramePtr make_frame();
[[nodiscard]] PacketPtr make_packet();
[[nodiscard]] CodecPtr make_codec(const AVCodec* codec);

/// FFmpeg prints by itself unless told not to; the library never prints.
void silence();

}  // namespace viba::ffmpeg
