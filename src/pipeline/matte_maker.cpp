#include "pipeline/matte_maker.h"

#include <span>

#include "pipeline/guard.h"

namespace viba {
namespace {

/// Not when one is NaN. It looks at all of them, which lets the compiler look at several at once.
bool are_confidences(std::span<const float> values) {
  int others = 0;
  for (const float x : values) others |= static_cast<int>(!(x >= 0)) | static_cast<int>(!(x <= 1));
  return others == 0;
}

bool lies_in(const Rect& area, Size frame) {
  return area.x >= 0 && area.y >= 0 && area.size.width > 0 && area.size.height > 0 &&
         area.size.width <= frame.width - area.x && area.size.height <= frame.height - area.y;
}

Result<void> check(const Confidence& confidence, Size frame) {
  const auto& [size, values, area] = confidence;
  if (!lies_in(area.value_or(Rect{0, 0, frame}), frame))
    return fail(ErrorCode::kInference, "The network answered for something outside of the picture; try --roi off.");
  if (size.width > 0 && size.height > 0 && values.size() == std::size_t(size.width) * std::size_t(size.height) &&
      are_confidences(values))
    return {};
  return fail(ErrorCode::kInference, "The network gave numbers that are no confidences; try another model.");
}

}  // namespace

void MatteMaker::look(const Frame& frame, Sight& sight) {
  const std::scoped_lock lock(looking_);
  meter_.masks++;
  sight.of = frame.info();
  const auto segment = [&] { return segmenter_.segment(frame, sight.confidence); };
  sight.outcome = meter_.timed(Stage::kSegment, [&] { return guarded("The network", segment); }).and_then([&] {
    return check(sight.confidence, frame.size());
  });
}

void MatteMaker::look(const Frame& frame) {
  const auto next = [&]() -> Sight* {
    const std::scoped_lock lock(waiting_);
    return count_ < kMostAhead ? &sights_[(first_ + count_) % kMostAhead] : nullptr;
  }();
  if (!next) return;  // `make` will look itself
  look(frame, *next);
  const std::scoped_lock lock(waiting_);
  ++count_;
}

/// What was looked at and never made is passed over.
MatteMaker::Sight& MatteMaker::sight_of(const Frame& frame) {
  const FrameInfo& info = frame.info();
  const std::scoped_lock lock(waiting_);
  for (; count_ > 0; first_ = (first_ + 1) % kMostAhead, --count_)
    if (const FrameInfo& of = sights_[first_].of; of.sequence == info.sequence && of.taken == info.taken)
      return sights_[first_];
  return own_;
}

Result<Matte> MatteMaker::make(const Frame& frame) {
  const std::scoped_lock lock(refining_);
  Sight& sight = sight_of(frame);
  if (&sight == &own_) look(frame, own_);
  return sight.outcome
      .and_then([&] {
        return meter_.timed(Stage::kRefine, [&] {
          return guarded("Refining the matte", [&] { return refiner_.refine(frame, sight.confidence); });
        });
      })
      // Whatever a stage calls its failure, it is not one of the pipeline's own signals.
      .map_error([](Error error) {
        const bool asked = error.code == ErrorCode::kAskedAway;
        return Error{asked ? error.code : ErrorCode::kInference, std::move(error.message)};
      });
}

void MatteMaker::reset() {
  if (network_ == Network::kInTime) reset_network();
  const std::scoped_lock lock(refining_);
  refiner_.reset();
}

void MatteMaker::reset_network() {
  const std::scoped_lock lock(looking_);
  segmenter_.reset();
}

void MatteMaker::forget_room() {
  const std::scoped_lock lock(refining_);
  refiner_.forget_room();
}

void MatteMaker::learn_room() {
  const std::scoped_lock lock(refining_);
  refiner_.learn_room();
}

}  // namespace viba
