#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "media/ffmpeg.h"

#include <viba/frame.h>

namespace viba::test {

/// R, G, B and opacity in 0..1 of a pixel of a frame.
using Rgba = std::array<double, 4>;
using Painter = std::function<Rgba(int x, int y, int frame)>;

/// A file that ViBa itself would not write, made with FFmpeg's libraries.
struct MediaSpec {
  const char* container = "matroska";
  const char* encoder = "ffv1";
  AVPixelFormat format = AV_PIX_FMT_YUV420P;
  Size size{64, 48};
  int frames = 1;
  int frames_per_second = 25;
  AVColorSpace space = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  double kr = 0.299;  ///< of the matrix that the numbers are really made with
  double kb = 0.114;
  std::array<int, 4> display{1, 0, 0, 1};  ///< a, b, c, d of the display matrix
};

/// False when this FFmpeg has no such encoder or container, or does not want the format.
[[nodiscard]] bool make_media(const std::string& path, const MediaSpec& spec, const Painter& painter);

/// The luma numbers of all frames of a file as they are stored, row by row.
[[nodiscard]] std::vector<std::string> gray_planes(const std::string& path);

/// Eight upright bars: black, blue, green, cyan, red, magenta, yellow, white.
[[nodiscard]] Rgba bar_colour(int bar);
[[nodiscard]] Painter bars(int width);

}  // namespace viba::test
