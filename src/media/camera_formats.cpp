#include "media/camera_formats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include <fmt/format.h>
#include <linux/videodev2.h>

#include "media/jpeg_decoder.h"

namespace viba {
namespace {

/// 0 for the same size, and as far for half of it as for double.
double distance(Size a, Size b) {
  return std::abs(std::log(double(a.width) / b.width)) + std::abs(std::log(double(a.height) / b.height));
}

/// The share of the asked rate that is missing. Cameras that offer 29.97 or 30.03 have 30.
double rate_missing(double most, double asked) {
  constexpr double kTolerance = 0.02;
  const double missing = most > 0 ? 1 - most / asked : 0;
  return missing > kTolerance ? missing : 0;
}

int nearest_in(int least, int most, int step, int wish) {
  const int clamped = std::clamp(wish, least, std::max(least, most));
  if (step <= 1) return clamped;
  const int steps = (clamped - least + step / 2) / step;
  return std::min(least + steps * step, least + (most - least) / step * step);
}

YuvMatrix default_matrix(std::uint32_t colorspace) {
  switch (colorspace) {
    case V4L2_COLORSPACE_REC709:
    case V4L2_COLORSPACE_DCI_P3: return YuvMatrix::kBt709;
    case V4L2_COLORSPACE_BT2020: return YuvMatrix::kBt2020;
    default: return YuvMatrix::kBt601;
  }
}

}  // namespace

Result<void> convert_picture(const CameraFormat& format, const CameraPicture& picture, JpegDecoder& jpeg,
                             const MutableFrame& frame) {
  CameraPicture known = picture;
  // Some drivers leave the field at 0, which can only mean rows without padding.
  const int blocks = (picture.size.width + format.pixels_per_block - 1) / format.pixels_per_block;
  known.bytes_per_line = std::max(picture.bytes_per_line, blocks * format.bytes_per_block);
  if (picture.bytes.size() >= format.least_bytes(known.size, known.bytes_per_line))
    return format.convert(known, jpeg, frame);
  return fail(ErrorCode::kBadData, fmt::format("The camera's picture is cut short: {} bytes.", picture.bytes.size()));
}

ColorSpace camera_color_space(PixelKind kind, std::optional<YuvMatrix> matrix, std::optional<YuvRange> range) {
  if (kind == PixelKind::kRgb) return {};  // which the conversion makes of it
  const bool full_by_default = kind == PixelKind::kJpeg || kind == PixelKind::kGray;
  return {matrix.value_or(YuvMatrix::kBt601), range.value_or(full_by_default ? YuvRange::kFull : YuvRange::kLimited)};
}

ColorSpace camera_color_space(const v4l2_pix_format& format) {
  const CameraFormat* known = find_camera_format(format.pixelformat);
  const PixelKind kind = known ? known->kind : PixelKind::kYuv;
  std::optional<YuvMatrix> matrix;
  switch (format.ycbcr_enc) {
    case V4L2_YCBCR_ENC_601:
    case V4L2_YCBCR_ENC_XV601: matrix = YuvMatrix::kBt601; break;
    case V4L2_YCBCR_ENC_709:
    case V4L2_YCBCR_ENC_XV709: matrix = YuvMatrix::kBt709; break;
    case V4L2_YCBCR_ENC_BT2020:
    case V4L2_YCBCR_ENC_BT2020_CONST_LUM: matrix = YuvMatrix::kBt2020; break;
    // The primaries of a JPEG say nothing of its matrix, which JFIF fixes.
    default:
      if (kind != PixelKind::kJpeg) matrix = default_matrix(format.colorspace);
  }
  std::optional<YuvRange> range;
  if (format.quantization != V4L2_QUANTIZATION_DEFAULT)
    range = format.quantization == V4L2_QUANTIZATION_FULL_RANGE ? YuvRange::kFull : YuvRange::kLimited;
  else if (format.colorspace == V4L2_COLORSPACE_JPEG)
    range = YuvRange::kFull;
  return camera_color_space(kind, matrix, range);
}

std::optional<CameraMode> choose_mode(std::span<const CameraMode> offered, Size size, double frames_per_second) {
  std::optional<CameraMode> best;
  std::tuple<bool, double, double, const CameraFormat*> best_cost;
  for (const CameraMode& mode : offered) {
    const CameraFormat* format = find_camera_format(mode.fourcc);
    if (!format || mode.size.width < 2 || mode.size.height < 2) continue;
    // The table has the raw formats first, and of those the cheapest.
    const std::tuple cost{format->kind == PixelKind::kGray, distance(mode.size, size),
                          rate_missing(mode.most_frames_per_second, frames_per_second), format};
    if (best && cost >= best_cost) continue;
    best = mode;
    best_cost = cost;
  }
  return best;
}

Size nearest_in(const SizeRange& range, Size wish) {
  return {nearest_in(range.least.width, range.most.width, range.step.width, wish.width),
          nearest_in(range.least.height, range.most.height, range.step.height, wish.height)};
}

}  // namespace viba
