#pragma once

#include <memory>
#include <string>

#include <viba/frame.h>
#include <viba/result.h>

#include "segment/network.h"
#include "segment/network_input.h"
#include "segment/tfjs_model.h"

namespace viba {

/// A model of the BodyPix family (TF.js graph models), for pictures of any size. How to feed it is
/// worked out from its graph.
/// Thread-safety: members may be called from several threads.
class BodyPixModel {
 public:
  /// Errors, each naming the file: those of `tfjs::read_model` and `tfjs::import_model`, and
  /// kUnsupported for what is no BodyPix model that segments.
  [[nodiscard]] static Result<BodyPixModel> load(const std::string& path);

  [[nodiscard]] const std::string& description() const { return description_; }  ///< "BodyPix MobileNet, stride 16"
  [[nodiscard]] const PixelRange& pixel_range() const { return range_; }
  /// What the network takes for frames of that size: a multiple of the stride plus 1 each way, at most
  /// the frame's own size and about two million pixels.
  [[nodiscard]] Size input_size(Size frame) const;
  /// It gives logits. Errors: as `load`; kUnsupported also when it needs too much memory at that size.
  [[nodiscard]] Result<Network> network(Size input, const Engine& engine, OnnxSessionSettings settings) const;

 private:
  explicit BodyPixModel(tfjs::Model model) : model_(std::move(model)) {}
  Result<void> find_architecture();
  Result<void> find_stride();

  tfjs::Model model_;
  PixelRange range_;
  int stride_ = 1;
  std::string description_;
};

}  // namespace viba
