#pragma once

#include <array>
#include <string>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// A picture in 8-bit RGB at its own size, not halved in chroma as frames are: for comparing networks
/// number by number.
struct RgbPicture {
  Size size;
  std::array<std::vector<std::uint8_t>, 3> planes;  ///< red, green, blue; row by row, without padding

  [[nodiscard]] std::array<ConstPlane, 3> views() const;
};

/// The first picture of a file. One that is RGB already keeps its exact numbers; rotation is not
/// looked at. Errors: as `VideoReader::open`.
[[nodiscard]] Result<RgbPicture> load_rgb_picture(const std::string& path);

}  // namespace viba
