#include "segment/cropping_segmenter.h"

namespace viba {

void CroppingSegmenter::reset() {
  tracker_.reset({});
  network_->reset();
}

Result<Sighting> CroppingSegmenter::look(const Frame& frame, std::optional<Rect> part, Confidence& confidence) {
  auto seen = network_->segment(part ? frame.cropped(*part) : frame, confidence).map([&] {
    confidence.area = part;
    return finder_.find(confidence, frame.size());
  });
  network_time_ += network_->network_time();
  network_runs_ += network_->network_runs();
  return seen;
}

Result<void> CroppingSegmenter::look_twice(const Frame& frame, Confidence& confidence) {
  auto seen = look(frame, std::nullopt, confidence);
  if (!seen) return tl::unexpected(std::move(seen).error());
  tracker_.follow(*seen, true, RegionTracker::kWideMargin);
  const auto part = tracker_.part();
  if (!part) return {};
  auto closer = look(frame, part, second_);
  if (!closer) return tl::unexpected(std::move(closer).error());
  if (!closer->people) return {};
  confidence = second_;
  tracker_.follow(united(*seen, *closer), true);
  return {};
}

Result<void> CroppingSegmenter::look_on(const Frame& frame, Confidence& confidence) {
  const auto part = tracker_.part();
  auto seen = look(frame, part, confidence);
  if (!seen) return tl::unexpected(std::move(seen).error());
  const bool again = part && tracker_.wants_whole(*seen);
  if (again) {
    auto all = look(frame, std::nullopt, second_);
    if (!all) return tl::unexpected(std::move(all).error());
    if (!seen->people) confidence = second_;
    seen = united(*seen, *all);
  }
  tracker_.follow(*seen, again || !part);
  return {};
}

Result<void> CroppingSegmenter::segment(const Frame& frame, Confidence& confidence) {
  network_time_ = {};
  network_runs_ = 0;
  if (frame.size() == tracker_.frame()) return look_on(frame, confidence);
  tracker_.reset(frame.size());
  return look_twice(frame, confidence);
}

}  // namespace viba
