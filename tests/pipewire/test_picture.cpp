#include "pipewire/test_picture.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace test_picture {
namespace {

struct Yuv {
  int y = 0;
  int u = 0;
  int v = 0;
};

int to_byte(double value) { return std::clamp(static_cast<int>(std::lround(value)), 0, 255); }

Yuv to_yuv(Rgb color) {
  const double luma = 0.299 * color.r + 0.587 * color.g + 0.114 * color.b;
  return {to_byte(16 + luma * 219 / 255), to_byte(128 + (color.b - luma) / 1.772 * 224 / 255),
          to_byte(128 + (color.r - luma) / 1.402 * 224 / 255)};
}

Rgb to_rgb(Yuv color) {
  const double luma = (color.y - 16) * 255.0 / 219;
  const double blue = (color.u - 128) * 255.0 / 224 * 1.772;
  const double red = (color.v - 128) * 255.0 / 224 * 1.402;
  return {to_byte(luma + red), to_byte(luma - (0.299 * red + 0.114 * blue) / 0.587), to_byte(luma + blue)};
}

Rgb field_at(const std::vector<Rgb>& fields, Size size, int x, int y) {
  if (fields.size() == 1) return fields.front();
  return fields.at(static_cast<std::size_t>(x * 4 / size.width + (y * 2 / size.height) * 4));
}

/// Where the samples of a pixel lie.
struct Place {
  std::size_t y = 0;
  std::size_t u = 0;
  std::size_t v = 0;
};

Place place_of(spa_video_format format, int stride, Size size, int x, int y) {
  const auto at = [](int row, int step, int column) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(step) + static_cast<std::size_t>(column);
  };
  const std::size_t luma = at(size.height, stride, 0);
  switch (format) {
    case SPA_VIDEO_FORMAT_I420: {
      const std::size_t chroma = luma + at(y / 2, stride / 2, x / 2);
      return {at(y, stride, x), chroma, chroma + at(size.height / 2, stride / 2, 0)};
    }
    case SPA_VIDEO_FORMAT_NV12: {
      const std::size_t chroma = luma + at(y / 2, stride, x / 2 * 2);
      return {at(y, stride, x), chroma, chroma + 1};
    }
    case SPA_VIDEO_FORMAT_YUY2: {
      const std::size_t pair = at(y, stride, x / 2 * 4);
      return {at(y, stride, x * 2), pair + 1, pair + 3};
    }
    default: return {at(y, stride, x * 3), at(y, stride, x * 3 + 1), at(y, stride, x * 3 + 2)};
  }
}

}  // namespace

std::optional<Format> format_of(std::string_view name) {
  const auto* const found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) { return format.name == name; });
  if (found == kFormats.end()) return {};
  return *found;
}

int stride_of(spa_video_format format, int width) {
  if (format == SPA_VIDEO_FORMAT_YUY2) return width * 2;
  return format == SPA_VIDEO_FORMAT_RGB ? width * 3 : width;
}

std::size_t byte_count(spa_video_format format, Size size) {
  const auto rows = static_cast<std::size_t>(stride_of(format, size.width)) * static_cast<std::size_t>(size.height);
  return format == SPA_VIDEO_FORMAT_I420 || format == SPA_VIDEO_FORMAT_NV12 ? rows * 3 / 2 : rows;
}

std::optional<std::vector<Rgb>> fields_of(const std::string& picture) {
  if (picture == "room") return std::vector{kRoom};
  if (picture == "chart") return std::vector<Rgb>(kChart.begin(), kChart.end());
  int color = 0;
  const char* end = picture.data() + picture.size();
  if (picture.size() != 6 || std::from_chars(picture.data(), end, color, 16).ptr != end) return {};
  return std::vector{Rgb{color >> 16, (color >> 8) & 255, color & 255}};
}

std::vector<std::uint8_t> draw(spa_video_format format, Size size, const std::vector<Rgb>& fields) {
  std::vector<std::uint8_t> bytes(byte_count(format, size));
  const int stride = stride_of(format, size.width);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      const Rgb color = field_at(fields, size, x, y);
      const Yuv samples = format == SPA_VIDEO_FORMAT_RGB ? Yuv{color.r, color.g, color.b} : to_yuv(color);
      const Place place = place_of(format, stride, size, x, y);
      bytes[place.y] = static_cast<std::uint8_t>(samples.y);
      bytes[place.u] = static_cast<std::uint8_t>(samples.u);
      bytes[place.v] = static_cast<std::uint8_t>(samples.v);
    }
  return bytes;
}

Rgb color_at(spa_video_format format, const std::uint8_t* bytes, int stride, Size size, int x, int y) {
  const Place place = place_of(format, stride, size, x, y);
  if (format == SPA_VIDEO_FORMAT_RGB) return {bytes[place.y], bytes[place.u], bytes[place.v]};
  return to_rgb({bytes[place.y], bytes[place.u], bytes[place.v]});
}

}  // namespace test_picture
