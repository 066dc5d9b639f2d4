#include "composite/notice.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string_view>

#include "composite/blend_kernels.h"
#include "composite/notice_data.h"
#include "media/scale.h"

namespace viba {
namespace {

/// Two gray layers of one size: how light the notice is, and how far it covers what is below.
struct Layers {
  ConstPlane luma;
  ConstPlane alpha;
};

/// Reads one number of a PGM header and the white space after it.
int header_number(std::string_view& text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return error == std::errc{} ? value : 0;
}

/// The embedded files are binary PGM (Netpbm's P5): the upper half is luma, the lower one alpha.
Layers layers_of(std::span<const unsigned char> pgm) {
  std::string_view text(reinterpret_cast<const char*>(pgm.data()), pgm.size());
  text.remove_prefix(3);
  const int width = header_number(text);
  const int height = header_number(text) / 2;
  header_number(text);
  const auto* pixels = reinterpret_cast<const std::uint8_t*>(text.data());
  const Size size{width, height};
  return {{pixels, width, size}, {pixels + std::ptrdiff_t{width} * height, width, size}};
}

Layers layers_of(Notice notice) {
  switch (notice) {
    case Notice::kStarting: return layers_of(kStartingPgm);
    case Notice::kNoCamera: return layers_of(kNoCameraPgm);
    case Notice::kStepOut: return layers_of(kStepOutPgm);
    case Notice::kHidden: break;
  }
  return layers_of(kHiddenPgm);
}

/// A scaled copy of a layer.
struct Scaled {
  Scaled(ConstPlane from, Size size)
      : bytes(std::size_t(size.width) * std::size_t(size.height)), plane{bytes.data(), size.width, size} {
    scale(from, plane);
  }
  std::vector<std::uint8_t> bytes;
  Plane plane;
};

}  // namespace

void draw_notice(const MutableFrame& frame, Notice notice) {
  constexpr int kDrawnFor = 720;  // the frame height at which the notice has its own size
  const Layers layers = layers_of(notice);
  const double factor =
      std::min(double(frame.size().height) / kDrawnFor, double(frame.size().width) / layers.luma.size.width);
  const Size size = round_to_even({int(layers.luma.size.width * factor), int(layers.luma.size.height * factor)});
  if (size.width < 2 || size.height < 2) return;
  const Scaled luma(layers.luma, size);
  const Scaled alpha(layers.alpha, size);
  const int left = ((frame.size().width - size.width) / 2) & ~1;
  const int top = ((frame.size().height - size.height) * 11 / 12) & ~1;
  std::vector<std::uint8_t> half(std::size_t(size.width) / 2);
  const std::vector<std::uint8_t> gray(half.size(), 128);
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* row = frame.y().row(top + y) + left;
    blend_row(luma.plane.row(y), row, alpha.plane.row(y), row, size.width);
    if (y % 2 != 0) continue;
    halve_alpha(alpha.plane.row(y), alpha.plane.row(y + 1), half.data(), size.width / 2);
    for (const Plane& chroma : {frame.u(), frame.v()}) {
      std::uint8_t* at = chroma.row((top + y) / 2) + left / 2;
      blend_row(gray.data(), at, half.data(), at, size.width / 2);
    }
  }
}

}  // namespace viba
