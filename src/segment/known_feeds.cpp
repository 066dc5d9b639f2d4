#include "segment/known_feeds.h"

namespace viba {
namespace {

/// The quality of what comes out no longer gains from more, and the time grows with it.
constexpr int kMostPixels = 1281 * 721;
constexpr double kThreshold = 0.7;  ///< BodyPix's own default

}  // namespace

Feed bodypix_feed(BodyPixBackbone backbone, int stride) {
  Feed feed;
  feed.input.multiple = stride;
  feed.input.plus = 1;
  feed.input.max_pixels = kMostPixels;
  if (backbone == BodyPixBackbone::kMobileNet) {
    feed.input.range = {-1, 1};
  } else {
    feed.input.range = {0, 255};
    feed.input.mean = {123.15F, 115.90F, 103.06F};  // of the pictures it was trained on
  }
  feed.output = {
      .tensor = "float_segments", .activation = Activation::kSigmoid, .grid = Grid::kCorners, .threshold = kThreshold};
  return feed;
}

Feed selfie_feed(Size size) {
  Feed feed;
  feed.input.size = size;
  return feed;
}

Feed rvm_feed() {
  Feed feed;
  feed.input.tensor = "src";
  feed.output.tensor = "pha";
  feed.states = {{"r1i", "r1o"}, {"r2i", "r2o"}, {"r3i", "r3o"}, {"r4i", "r4o"}};
  feed.downsample_ratio = "downsample_ratio";
  return feed;
}

}  // namespace viba
