#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <viba/frame.h>
#include <viba/options.h>

#include "media/color.h"
#include "media/ffmpeg.h"

namespace viba {

/// A turn in quarters, clockwise, after which the picture is mirrored left to right or not. That is
/// all that the display matrices of cameras and telephones say.
struct Orientation {
  int degrees = 0;  ///< 0, 90, 180 or 270
  bool mirrored = false;
  friend bool operator==(const Orientation&, const Orientation&) = default;
};

/// `matrix`: nine numbers as in ISO 14496-12, or null for the identity.
[[nodiscard]] Orientation orientation_of(const std::int32_t* matrix);

/// What untagged YUV numbers mean: BT.601 in pictures, by size in videos.
enum class UntaggedMatrix { kBt601, kBySize };

/// Makes frames of ViBa's own kind from decoded ones. Thread-safety: none.
class FrameConverter {
 public:
  explicit FrameConverter(UntaggedMatrix untagged) : untagged_(untagged) {}

  /// Contents converted, cropped to even sides and turned. Errors: kBadData when it cannot be done;
  /// the sentence is left to the caller, who knows the file.
  [[nodiscard]] Result<MutableFrame> convert(const AVFrame& from, Orientation orientation);

  /// As `convert`, and scaled to `size`.
  [[nodiscard]] Result<MutableFrame> convert(const AVFrame& from, Orientation orientation, Size size, Fit fit);

 private:
  struct Conversion {
    Size size;
    int from = -1;
    int to = -1;
    ColorSpace color;
    friend bool operator==(const Conversion&, const Conversion&) = default;
  };

  [[nodiscard]] ColorSpace color_of(const AVFrame& from) const;
  [[nodiscard]] Result<MutableFrame> upright(const AVFrame& from);
  [[nodiscard]] Result<void> through_rgb(const AVFrame& from, const MutableFrame& to);
  [[nodiscard]] Result<void> through_swscale(const AVFrame& from, const MutableFrame& to, ColorSpace color);
  [[nodiscard]] SwsContext* prepared(const Conversion& conversion);
  [[nodiscard]] Result<MutableFrame> turned(MutableFrame frame, Orientation orientation);

  UntaggedMatrix untagged_;
  FramePool pool_;
  ffmpeg::SwsPtr sws_;
  Conversion conversion_;  ///< that `sws_` is made for
  std::vector<std::uint8_t> rgb_;
};

}  // namespace viba
