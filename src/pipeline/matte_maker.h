#pragma once

#include <array>
#include <mutex>

#include <viba/stages.h>

#include "pipeline/statistics.h"

namespace viba {

/// A frame's own matte: segment, then refine. Both remember the frames before, so each sees all frames in order.
/// Thread-safety: all members from any thread; one caller at a time gets at the network, and one at the refiner.
class MatteMaker {
 public:
  /// Who brings frames to the network: `make` itself, or `look` beforehand.
  enum class Network { kInTime, kAhead };

  MatteMaker(Segmenter& segmenter, Refiner& refiner, Meter& meter, Network network = Network::kInTime)
      : segmenter_(segmenter), refiner_(refiner), meter_(meter), network_(network) {}

  /// Errors: whatever the stages say or throw, and numbers that cannot be a confidence.
  [[nodiscard]] Result<Matte> make(const Frame& frame);
  /// Of kAhead: the network's part of `make` for a frame that is made later, on another thread. What comes of it is
  /// said by `make`. With one frame between the two threads, and one on each of them, none is looked at too late.
  void look(const Frame& frame);

  /// The next frame has nothing to do with the last one.
  void reset();
  /// Of kAhead, where `reset` leaves the network alone: the same for the next frame that is looked at.
  void reset_network();
  void forget_room();
  void learn_room();

 private:
  struct Sight {
    FrameInfo of;
    Result<void> outcome;
    Confidence confidence;
  };
  void look(const Frame& frame, Sight& sight);
  [[nodiscard]] Sight& sight_of(const Frame& frame);

  Segmenter& segmenter_;
  Refiner& refiner_;
  Meter& meter_;
  Network network_;

  std::mutex refining_;
  Sight own_;  ///< of a frame that nobody looked at beforehand

  static constexpr std::size_t kMostAhead = 4;  ///< the last that was made counts until the next one is
  std::mutex looking_;
  std::mutex waiting_;  ///< of the two numbers
  std::array<Sight, kMostAhead> sights_;
  std::size_t first_ = 0, count_ = 0;  ///< of those that wait, in order
};

}  // namespace viba
