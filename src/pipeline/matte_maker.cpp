#include "pipeline/matte_maker.h"

#include <algorithm>

#include "pipeline/guard.h"

namespace viba {
namespace {

/// Also false for NaN.
bool is_confidence(float value) { return value >= 0 && value <= 1; }

bool lies_in(const Rect& area, Size frame) {
  return area.x >= 0 && area.y >= 0 && area.size.width > 0 && area.size.height > 0 &&
         area.size.width <= frame.width - area.x && area.size.height <= frame.height - area.y;
}

Result<void> check(const Confidence& confidence, Size frame) {
  const auto& [size, values, area] = confidence;
  if (!lies_in(area.value_or(Rect{0, 0, frame}), frame))
    return fail(ErrorCode::kInference, "The network answered for something outside of the picture; try --roi off.");
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
      .and_then([&] { return check(confidence_, frame.size()); })
      .and_then([&] {
        return meter_.timed(Stage::kRefine, [&] {
          return guarded("Refining the matte", [&] { return refiner_.refine(frame, confidence_); });
        });
      })
      // Whatever a stage calls its failure, it is not one of the pipeline's own signals.
      .map_error([](Error error) {
        const bool asked = error.code == ErrorCode::kAskedAway;
        return Error{asked ? error.code : ErrorCode::kInference, std::move(error.message)};
      });
}

void MatteMaker::reset() {
  const std::scoped_lock lock(mutex_);
  segmenter_.reset();
  refiner_.reset();
}

void MatteMaker::forget_room() {
  const std::scoped_lock lock(mutex_);
  refiner_.forget_room();
}

void MatteMaker::learn_room() {
  const std::scoped_lock lock(mutex_);
  refiner_.learn_room();
}

}  // namespace viba
