#include "media/ffmpeg.h"

#include <mutex>
#include <new>

namespace viba::ffmpeg {
namespace {

template <class Pointer, class Raw>
Pointer owned(Raw* raw) {
  if (!raw) throw std::bad_alloc();
  return Pointer(raw);
}

}  // namespace

FramePtr make_frame() { return owned<FramePtr>(av_frame_alloc()); }
PacketPtr make_packet() { return owned<PacketPtr>(av_packet_alloc()); }
CodecPtr make_codec(const AVCodec* codec) { return owned<CodecPtr>(avcodec_alloc_context3(codec)); }

void silence() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

}  // namespace viba::ffmpeg
