#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <viba/frame.h>

namespace viba {

/// A pixel format that ViBa can give a fake camera.
struct OutputFormat {
  std::uint32_t fourcc;
  std::string_view name;
  int bytes_per_pixel_pair;
  void (*pack)(const Frame& frame, std::uint8_t* out);  ///< rows without padding

  /// Of a row of the first plane.
  [[nodiscard]] int stride(Size size) const { return size.width * (bytes_per_pixel_pair == 4 ? 2 : 1); }
  /// Of a whole picture. The module rounds this up to pages; what it must be given is this.
  [[nodiscard]] std::size_t bytes(Size size) const {
    return std::size_t(size.width) * std::size_t(size.height) * std::size_t(bytes_per_pixel_pair) / 2;
  }
};

/// What is asked for, because every reader knows it: YUYV.
[[nodiscard]] const OutputFormat& preferred_output_format();
/// Null when ViBa does not write it.
[[nodiscard]] const OutputFormat* find_output_format(std::uint32_t fourcc);

}  // namespace viba
