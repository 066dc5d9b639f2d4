#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <viba/frame.h>

#include "segment/network_input.h"

/// How a network is fed and how its answer is read: all that has to be known beside the model file.
namespace viba {

enum class Layout { kNchw, kNhwc };
enum class ChannelOrder { kRgb, kBgr };
/// What still has to be done to the network's numbers to make probabilities of them. Softmax goes over
/// the channels.
enum class Activation { kNone, kSigmoid, kSoftmax };
/// Whether the numbers share the picture evenly, or the outer ones lie on its edges.
enum class Grid { kCells, kCorners };

/// A memory of a recurrent network: what comes out of `output` goes into `input` with the next frame.
struct StateFeed {
  std::string input, output;
  friend bool operator==(const StateFeed&, const StateFeed&) = default;
};

struct InputFeed {
  std::string tensor;             ///< empty: the only one there is
  Layout layout = Layout::kNchw;  ///< of ONNX files; those of TensorFlow are always NHWC
  std::optional<Size> size;       ///< unset: the frame's own, rounded down to a multiple of …
  int multiple = 1;               ///< … this …
  int plus = 0;                   ///< … plus this
  int max_pixels = 0;             ///< larger frames are shrunk to about so many; 0: never
  ChannelOrder channels = ChannelOrder::kRgb;
  std::array<float, 2> range{0, 1};    ///< what black and white become, before …
  std::array<float, 3> mean{0, 0, 0};  ///< … this is taken off, channel by channel, and …
  std::array<float, 3> std{1, 1, 1};   ///< … the rest divided by this
  friend bool operator==(const InputFeed&, const InputFeed&) = default;

  /// For a frame of that size. Never empty.
  [[nodiscard]] Size size_for(Size frame) const;
  [[nodiscard]] PixelRange pixel_range() const;
};

struct OutputFeed {
  std::string tensor;             ///< empty: the only one there is
  Layout layout = Layout::kNchw;  ///< as in `InputFeed`
  int channel = 0;                ///< the one that tells of the person
  bool invert = false;            ///< it tells of the background instead
  Activation activation = Activation::kNone;
  Grid grid = Grid::kCells;
  double threshold = 0.5;  ///< the confidence at which alpha is one half
  friend bool operator==(const OutputFeed&, const OutputFeed&) = default;
};

struct Feed {
  InputFeed input;
  OutputFeed output;
  std::vector<StateFeed> states;
  /// The input that is told how much smaller than the frame the network is to work inside (RVM);
  /// empty when it has none.
  std::string downsample_ratio;
  friend bool operator==(const Feed&, const Feed&) = default;
};

/// What RVM's authors recommend by the frame's size: 0.375 at 1280x720, 0.25 at 1920x1080, 0.125 at
/// 3840x2160, 1 up to 512 pixels (https://github.com/PeterL1n/RobustVideoMatting, "Inference").
[[nodiscard]] double downsample_ratio_for(Size frame);

}  // namespace viba
