#include "gray_file.h"

#include <stdexcept>

namespace viba::test {

GrayFile::GrayFile(const std::string& path) : frame_(ffmpeg::make_frame()) {
  auto input = MediaInput::open(path);
  if (!input) throw std::runtime_error(input.error().message);
  input_ = std::move(*input);
}

std::optional<Gray> GrayFile::next() {
  if (!input_->decode(*frame_).value_or(false)) return {};
  const Size size{frame_->width, frame_->height};
  // Of RGB files of gray pictures any channel will do.
  const auto format = static_cast<AVPixelFormat>(frame_->format);
  int step = 1;
  if (format == AV_PIX_FMT_RGB24) step = 3;
  if (format == AV_PIX_FMT_RGBA) step = 4;
  if (format == AV_PIX_FMT_YA8) step = 2;
  if (step == 1 && format != AV_PIX_FMT_GRAY8) throw std::runtime_error("a matte of a format that is not gray");
  Gray gray{size, {}};
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x)
      gray.values.push_back(frame_->data[0][std::ptrdiff_t{y} * frame_->linesize[0] + std::ptrdiff_t{x} * step]);
  return gray;
}

}  // namespace viba::test
