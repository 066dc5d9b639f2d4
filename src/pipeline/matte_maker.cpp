#include "pipeline/matte_maker.h"

#include <algorithm>

#include "pipeline/guard.h"

namespace viba {
namespace {

/// Also false for NaN.
bool is_confidence(float value) { return value >= 0 && value <= 1; }

Result<void> check(const Confidence& confidence) {
  const auto& [size, values] = confidence;
  if (size.width > 0 && size.height > 0 && values.size() == std::size_t(size.width) * std::size_t(size.height) &&
      std::ranges::all_of(values, is_confidence))
    return {};
  return fail(ErrorCode::kInference, "The network gave numbers that are no confidences; try another model.");
}

}  // namespace

Result<Matte> MatteMaker::make(const Frame& frame) {
  const std::scoped_lock lock(mutex_);
  meter_.masks++;
  return meter_
      .timed(Stage::kSegment,
             [&] { return guarded("The network", [&] { return segmenter_.segment(frame, confidence_); }); })
      .and_then([&] { return check(confidence_); })
      .and_then([&] {
        return meter_.timed(Stage::kRefine, [&] {
          return guarded("Refining the matte", [&] { return refiner_.refine(frame, confidence_); });
        });
      })
      // Whatever a stage calls its failure, it is not one of the pipeline's own signals.
      .map_error([](Error error) {
        return Error{ErrorCode::kInference, std::move(error.message)};
      });
}

void MatteMaker::reset() {
  const std::scoped_lock lock(mutex_);
  segmenter_.reset();
}

}  // namespace viba
