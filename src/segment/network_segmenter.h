#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

#include "segment/confidence_reader.h"
#include "segment/model_loader.h"
#include "segment/network.h"

namespace viba {

/// Runs any model on frames: the network is made for the size of the frames that come.
class NetworkSegmenter final : public Segmenter {
 public:
  /// When a GPU fails on a frame, the CPU takes over, and `log` hears of it.
  NetworkSegmenter(LoadedModel model, Engine engine, Log log)
      : model_(std::move(model)), engine_(std::move(engine)), log_(std::move(log)) {}

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] double threshold() const override { return model_.guess.feed.output.threshold; }
  void reset() override;
  [[nodiscard]] Result<void> segment(const Frame& frame, Confidence& confidence) override;
  [[nodiscard]] std::chrono::nanoseconds network_time() const override { return network_time_; }
  [[nodiscard]] int network_runs() const override { return network_runs_; }

  /// Makes the network for frames of that size, if it is not there yet. Errors: as `Network::create`.
  [[nodiscard]] Result<void> prepare(Size frame);
  /// Says so in the log, with the reason.
  void move_to_cpu(const Error& why);

  [[nodiscard]] const Feed& feed() const { return model_.guess.feed; }
  [[nodiscard]] const Engine& engine() const { return engine_; }
  /// What `prepare` made last; null before.
  [[nodiscard]] const Network* network() const { return ready_ ? &ready_->network : nullptr; }

 private:
  /// A network is made for one size of pictures; what it remembers belongs to one size of frames.
  struct Ready {
    Size frame;
    Network network;
    ConfidenceReader reader;
  };
  [[nodiscard]] Result<void> run(const Frame& frame);

  LoadedModel model_;
  Engine engine_;
  Log log_;
  std::optional<Ready> ready_;
  std::chrono::nanoseconds network_time_{0};
  int network_runs_ = 0;
};

}  // namespace viba
