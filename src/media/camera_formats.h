#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <viba/frame.h>
#include <viba/result.h>

#include "media/color.h"

struct v4l2_pix_format;

namespace viba {

class JpegDecoder;

/// One picture as a camera laid it into its buffer.
struct CameraPicture {
  std::span<const std::uint8_t> bytes;
  Size size;               ///< the camera's, possibly odd
  int bytes_per_line = 0;  ///< of the first plane, in raw formats
};

enum class PixelKind { kYuv, kRgb, kGray, kJpeg };

/// What ViBa knows of one pixel format of cameras.
struct CameraFormat {
  std::uint32_t fourcc;
  std::string_view name;  ///< for people: "MJPEG"
  PixelKind kind;
  int bytes_per_block;  ///< of pixels that share their chroma, in the rows of the first plane; 0 in a JPEG
  int pixels_per_block;
  /// What a whole picture takes at least: the padding of its last row may be missing.
  std::size_t (*least_bytes)(Size size, int bytes_per_line);
  /// Fills a frame of the picture's size rounded to even: with the camera's numbers, or with BT.601 limited
  /// ones from RGB, and no colour from gray.
  Result<void> (*convert)(const CameraPicture& picture, JpegDecoder& jpeg, const MutableFrame& frame);
};

/// The one table of formats, the cheapest to convert first.
[[nodiscard]] std::span<const CameraFormat> camera_formats();
[[nodiscard]] const CameraFormat* find_camera_format(std::uint32_t fourcc);

/// Fills `frame`, which has the picture's size rounded to even, with the camera's own numbers.
/// Errors: kBadData when the buffer is shorter than the picture, or does not decode.
[[nodiscard]] Result<void> convert_picture(const CameraFormat& format, const CameraPicture& picture, JpegDecoder& jpeg,
                                           const MutableFrame& frame);

/// How the numbers of a converted picture are meant: as the camera says, else BT.601, full range for JPEG and gray and
/// limited for everything else. Conversions from RGB always give BT.601 limited.
[[nodiscard]] ColorSpace camera_color_space(PixelKind kind, std::optional<YuvMatrix> matrix,
                                            std::optional<YuvRange> range);
[[nodiscard]] ColorSpace camera_color_space(const v4l2_pix_format& format);

/// A pixel format at a size, as a camera offers it.
struct CameraMode {
  std::uint32_t fourcc = 0;
  Size size;
  double most_frames_per_second = 0;  ///< 0 when the camera does not say
  friend bool operator==(const CameraMode&, const CameraMode&) = default;
};

/// The mode of a known format that comes nearest to the wish: a gray one only when there is no other, then the size
/// counts most, then whether the rate is reached, then a raw format before a compressed one. Nothing when no format is
/// known.
[[nodiscard]] std::optional<CameraMode> choose_mode(std::span<const CameraMode> offered, Size size,
                                                    double frames_per_second);

/// Sizes from `least` to `most` in steps.
struct SizeRange {
  Size least, most, step;
};
[[nodiscard]] Size nearest_in(const SizeRange& range, Size wish);

}  // namespace viba
