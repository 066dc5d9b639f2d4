#pragma once

#include <spa/param/video/raw.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Pictures of the test camera and the test viewer, which know nothing of ViBa, its colour conversion least of all.
namespace test_picture {

struct Rgb {
  int r = 0;
  int g = 0;
  int b = 0;
};

/// What an unprotected camera shows: pure magenta, as nothing else does here.
inline constexpr Rgb kRoom{255, 0, 255};
[[nodiscard]] constexpr bool is_room(Rgb color) { return color.r > 180 && color.g < 90 && color.b > 180; }

/// Four fields above four.
inline constexpr std::array<Rgb, 8> kChart{
    {{255, 255, 255}, {255, 255, 0}, {0, 255, 255}, {0, 255, 0}, {255, 0, 0}, {0, 0, 255}, {128, 128, 128}, {0, 0, 0}}};

struct Format {
  std::string_view name;
  spa_video_format raw;  ///< unknown of MJPEG
};
inline constexpr std::array<Format, 5> kFormats{{{"I420", SPA_VIDEO_FORMAT_I420},
                                                 {"NV12", SPA_VIDEO_FORMAT_NV12},
                                                 {"YUY2", SPA_VIDEO_FORMAT_YUY2},
                                                 {"RGB", SPA_VIDEO_FORMAT_RGB},
                                                 {"MJPEG", SPA_VIDEO_FORMAT_UNKNOWN}}};
[[nodiscard]] std::optional<Format> format_of(std::string_view name);

struct Size {
  int width = 0;
  int height = 0;
};

[[nodiscard]] std::size_t byte_count(spa_video_format format, Size size);
/// Bytes from one row to the next, when nothing else is said.
[[nodiscard]] int stride_of(spa_video_format format, int width);

/// "room", "chart", or a plain colour as RRGGBB.
[[nodiscard]] std::optional<std::vector<Rgb>> fields_of(const std::string& picture);

/// A picture of one field or eight, in BT.601 of limited range, or RGB of full range. Sizes are even.
[[nodiscard]] std::vector<std::uint8_t> draw(spa_video_format format, Size size, const std::vector<Rgb>& fields);

/// The colour of one pixel of such a picture.
[[nodiscard]] Rgb color_at(spa_video_format format, const std::uint8_t* bytes, int stride, Size size, int x, int y);

}  // namespace test_picture
