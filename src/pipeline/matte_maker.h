#pragma once

#include <mutex>

#include <viba/stages.h>

#include "pipeline/statistics.h"

namespace viba {

/// A frame's own matte: segment, then refine. Thread-safety: one caller at a time gets in.
class MatteMaker {
 public:
  MatteMaker(Segmenter& segmenter, Refiner& refiner, Meter& meter)
      : segmenter_(segmenter), refiner_(refiner), meter_(meter) {}

  /// Errors: whatever the stages say or throw, and numbers that cannot be a confidence.
  [[nodiscard]] Result<Matte> make(const Frame& frame);
  /// The next frame has nothing to do with the last one.
  void reset();
  void forget_room();
  void learn_room();

 private:
  std::mutex mutex_;
  Segmenter& segmenter_;
  Refiner& refiner_;
  Meter& meter_;
  Confidence confidence_;
};

}  // namespace viba
