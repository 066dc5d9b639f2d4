#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

extern "C" {
#include <libavcodec/avcodec.h>
}

namespace viba::test {

struct RgbPicture {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  ///< red, green, blue, row by row, without padding
};

/// The exact pixels of an 8-bit RGB PNG; nothing when it is missing or of another kind.
/// It does not use the library's own reader, whose frames are YUV and so not exact.
inline std::optional<RgbPicture> read_rgb_png(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<char> bytes((std::istreambuf_iterator<char>(stream)), {});
  if (bytes.empty()) return std::nullopt;
  const auto free_context = [](AVCodecContext* context) { avcodec_free_context(&context); };
  const auto free_packet = [](AVPacket* packet) { av_packet_free(&packet); };
  const auto free_frame = [](AVFrame* frame) { av_frame_free(&frame); };
  const AVCodec* codec = avcodec_find_decoder(AV_CODEC_ID_PNG);
  const std::unique_ptr<AVCodecContext, decltype(free_context)> context(avcodec_alloc_context3(codec), free_context);
  const std::unique_ptr<AVPacket, decltype(free_packet)> packet(av_packet_alloc(), free_packet);
  const std::unique_ptr<AVFrame, decltype(free_frame)> frame(av_frame_alloc(), free_frame);
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return std::nullopt;
  if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), packet->data);
  if (avcodec_send_packet(context.get(), packet.get()) < 0) return std::nullopt;
  if (avcodec_receive_frame(context.get(), frame.get()) < 0 || frame->format != AV_PIX_FMT_RGB24) return std::nullopt;
  RgbPicture picture{frame->width, frame->height, {}};
  for (int y = 0; y < picture.height; ++y) {
    const std::uint8_t* row = frame->data[0] + std::ptrdiff_t{y} * frame->linesize[0];
    picture.pixels.insert(picture.pixels.end(), row, row + std::ptrdiff_t{3} * picture.width);
  }
  return picture;
}

}  // namespace viba::test
