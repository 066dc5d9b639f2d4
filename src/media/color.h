#pragma once

#include <viba/frame.h>

namespace viba {

enum class YuvMatrix { kBt601, kBt709, kBt2020 };
enum class YuvRange { kLimited, kFull };

/// How a source's YUV numbers are meant. ViBa's own frames are always BT.601 limited.
struct ColorSpace {
  YuvMatrix matrix = YuvMatrix::kBt601;
  YuvRange range = YuvRange::kLimited;
  friend bool operator==(const ColorSpace&, const ColorSpace&) = default;
};

/// Rewrites a frame that was filled with `from` numbers as BT.601 limited, in place: one 3x3 matrix
/// on YUV (ITU-R BT.601, BT.709 and BT.2020 constants), chroma taken at its own resolution.
void to_bt601_limited(const MutableFrame& frame, ColorSpace from);

}  // namespace viba
