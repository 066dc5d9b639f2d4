#include "media/jpeg_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <turbojpeg.h>

namespace viba {
namespace {

constexpr int kQuality = 90;

using Table = std::array<std::uint8_t, 256>;

/// From BT.601's limited range, whose steps go from `zero` over `span`, to 255 steps around or above `full_zero`.
Table widened(int zero, int span, int full_zero) {
  Table table{};
  for (int i = 0; i < 256; ++i)
    table[std::size_t(i)] =
        std::uint8_t(std::clamp(std::lround((i - zero) * 255.0 / span + full_zero), long{0}, long{255}));
  return table;
}

std::uint8_t* append(const std::uint8_t* row, int width, const Table& table, std::uint8_t* out) {
  return std::transform(row, row + width, out, [&](std::uint8_t value) { return table[value]; });
}

}  // namespace

void JpegEncoder::Destroy::operator()(void* handle) const noexcept { tjDestroy(handle); }

Result<JpegEncoder> JpegEncoder::create() {
  if (void* handle = tjInitCompress()) return JpegEncoder(handle);
  return fail(ErrorCode::kInternal, "There is not enough memory to make JPEG pictures.");
}

Result<void> JpegEncoder::encode(const Frame& frame, std::vector<std::uint8_t>& jpeg) {
  static const Table luma = widened(16, 219, 0);
  static const Table chroma = widened(128, 224, 128);
  const auto [width, height] = frame.size();
  const std::size_t area = std::size_t(width) * std::size_t(height);
  planes_.resize(2 * area);
  std::uint8_t* out = planes_.data();
  for (int y = 0; y < height; ++y) out = append(frame.y().row(y), width, luma, out);
  for (const ConstPlane plane : {frame.u(), frame.v()})
    for (int y = 0; y < height; ++y) out = append(plane.row(y / 2), width / 2, chroma, out);

  std::array<const std::uint8_t*, 3> planes{planes_.data(), planes_.data() + area, planes_.data() + area + area / 2};
  unsigned long bytes = tjBufSize(width, height, TJSAMP_422);  // NOLINT: TurboJPEG's own type
  jpeg.resize(bytes);
  std::uint8_t* target = jpeg.data();
  if (tjCompressFromYUVPlanes(handle_.get(), planes.data(), width, nullptr, height, TJSAMP_422, &target, &bytes,
                              kQuality, TJFLAG_NOREALLOC) != 0)
    return fail(ErrorCode::kInternal,
                std::string("A picture could not be made a JPEG: ") + tjGetErrorStr2(handle_.get()) + ".");
  jpeg.resize(bytes);
  return {};
}

}  // namespace viba
