#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <viba/stages.h>

#include "segment/region_tracker.h"

namespace viba {

/// Shows a network of fixed input the part of the picture where people are, so that it sees more of them
/// and less of the room. The whole picture is looked at when people are lost, and now and then besides,
/// for those who have come. The first frame after a reset is looked at twice, so that a still gets the
/// same care. Takes it that the network remembers nothing from frame to frame.
/// Thread-safety: none.
class CroppingSegmenter final : public Segmenter {
 public:
  /// `input` is what the network takes, `threshold` the confidence at which alpha is one half.
  CroppingSegmenter(std::unique_ptr<Segmenter> network, Size input, double threshold)
      : network_(std::move(network)), finder_(threshold), tracker_(input) {}

  [[nodiscard]] std::string name() const override { return network_->name(); }
  [[nodiscard]] double threshold() const override { return network_->threshold(); }
  void reset() override;
  /// Errors: those of the network.
  [[nodiscard]] Result<void> segment(const Frame& frame, Confidence& confidence) override;
  [[nodiscard]] std::chrono::nanoseconds network_time() const override { return network_time_; }
  [[nodiscard]] int network_runs() const override { return network_runs_; }

 private:
  /// Unset: at the whole frame.
  [[nodiscard]] Result<Sighting> look(const Frame& frame, std::optional<Rect> part, Confidence& confidence);
  [[nodiscard]] Result<void> look_twice(const Frame& frame, Confidence& confidence);
  [[nodiscard]] Result<void> look_on(const Frame& frame, Confidence& confidence);

  std::unique_ptr<Segmenter> network_;
  PeopleFinder finder_;
  RegionTracker tracker_;
  Confidence second_;  ///< of a second look at the same frame
  std::chrono::nanoseconds network_time_{0};
  int network_runs_ = 0;
};

}  // namespace viba
