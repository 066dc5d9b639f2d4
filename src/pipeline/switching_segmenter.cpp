#include "pipeline/switching_segmenter.h"

#include <fmt/format.h>

#include "pipeline/guard.h"

namespace viba {
namespace {

/// Shifts the log odds by as much as takes one threshold to the other: the refiner knows that of one network only.
void move_threshold(std::vector<float>& values, double from, double to) {
  if (from == to) return;
  const auto person = static_cast<float>((1 - from) * to);
  const auto room = static_cast<float>(from * (1 - to));
  for (float& value : values) {
    const float sum = value * person + (1 - value) * room;
    if (sum > 0) value = value * person / sum;
  }
}

}  // namespace

Result<void> SwitchingSegmenter::segment(const Frame& frame, Confidence& confidence) {
  if (open_ && budget_.wants_lighter()) {
    auto ok = segment_lighter(frame, confidence);
    if (ok) return ok;
    give_up(ok.error());
  }
  // What a network remembers is of the frames that it saw itself.
  if (std::exchange(light_, false)) usual_.reset();
  return usual_.segment(frame, confidence);
}

Result<void> SwitchingSegmenter::segment_lighter(const Frame& frame, Confidence& confidence) {
  return guarded("The smaller network", [&] {
    return open().and_then([&] {
      if (!std::exchange(light_, true)) lighter_->reset();
      return lighter_->segment(frame, confidence).map([&] {
        move_threshold(confidence.values, lighter_->threshold(), usual_.threshold());
      });
    });
  });
}

Result<void> SwitchingSegmenter::open() {
  if (lighter_) return {};
  return open_().and_then([&](std::unique_ptr<Segmenter>&& opened) -> Result<void> {
    if (!opened) return fail(ErrorCode::kInternal, "There is no smaller network.");
    lighter_ = std::move(opened);
    log_.info(fmt::format("The smaller network is {}.", lighter_->name()));
    return {};
  });
}

void SwitchingSegmenter::give_up(const Error& why) {
  log_.warning(fmt::format("The usual network goes on, because the smaller one cannot be used: {}", why.message));
  open_ = {};
  lighter_.reset();
  budget_.lose_lighter();
}

void SwitchingSegmenter::reset() {
  usual_.reset();
  if (lighter_) lighter_->reset();
}

}  // namespace viba
