#pragma once

#include "segment/feed.h"

/// How the families of models that ViBa knows are fed.
namespace viba {

enum class BodyPixBackbone { kMobileNet, kResNet50 };

/// The BodyPix models of TF.js, whatever their weights. Frames go in at their own size, rounded to a
/// multiple of the stride plus 1; logits come out, which belong to every stride-th pixel
/// (https://github.com/tensorflow/tfjs-models/tree/master/body-pix).
[[nodiscard]] Feed bodypix_feed(BodyPixBackbone backbone, int stride);

/// MediaPipe's selfie segmentation models, which take pictures of `size`.
[[nodiscard]] Feed selfie_feed(Size size);

/// Robust Video Matting (Lin et al., 2021, https://arxiv.org/abs/2108.11515): frames at their own size,
/// four states, and a ratio at which it works inside.
[[nodiscard]] Feed rvm_feed();

}  // namespace viba
