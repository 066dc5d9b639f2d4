#include "media/rgb_picture.h"

#include <fmt/format.h>

#include <exception>
#include <memory>

#include "media/media_input.h"

namespace viba {
namespace {

Result<RgbPicture> converted(const AVFrame& from, const std::string& path) {
  const auto free_context = [](SwsContext* context) { sws_freeContext(context); };
  const std::unique_ptr<SwsContext, decltype(free_context)> context(
      sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), from.width, from.height,
                     AV_PIX_FMT_GBRP, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
  RgbPicture picture{.size = {from.width, from.height}};
  for (auto& plane : picture.planes)
    plane.resize(static_cast<std::size_t>(from.width) * static_cast<std::size_t>(from.height));
  auto& [red, green, blue] = picture.planes;
  const std::array<std::uint8_t*, 4> to{green.data(), blue.data(), red.data(), nullptr};
  const std::array<int, 4> strides{from.width, from.width, from.width, 0};
  if (!context ||
      sws_scale(context.get(), from.data, from.linesize, 0, from.height, to.data(), strides.data()) != from.height)
    return fail(ErrorCode::kUnsupported,
                fmt::format("{} is a picture of a kind that cannot be converted; use a PNG.", path));
  return picture;
}

}  // namespace

std::array<ConstPlane, 3> RgbPicture::views() const {
  const auto view = [this](std::size_t i) { return ConstPlane{planes[i].data(), size.width, size}; };
  return {view(0), view(1), view(2)};
}

Result<RgbPicture> load_rgb_picture(const std::string& path) try {
  auto input = MediaInput::open(path);
  if (!input) return tl::unexpected(std::move(input).error());
  const auto frame = ffmpeg::make_frame();
  const auto decoded = (*input)->decode(*frame);
  if (!decoded) return tl::unexpected(decoded.error());
  if (!*decoded) return fail(ErrorCode::kBadData, fmt::format("{} holds no picture; choose another file.", path));
  if (auto ok = check_readable_size(path, {frame->width, frame->height}); !ok) return tl::unexpected(ok.error());
  return converted(*frame, path);
} catch (const std::exception& error) {
  return fail(ErrorCode::kInternal, fmt::format("{} could not be read ({}).", path, error.what()));
}

}  // namespace viba
