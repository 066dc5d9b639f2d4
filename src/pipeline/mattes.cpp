#include "pipeline/mattes.h"

#include <algorithm>

#include <fmt/format.h>

namespace viba {
namespace {

/// By the clock, and by the source's own time: a file that is read faster than life is not allowed
/// older masks for that.
std::chrono::nanoseconds age(const FrameInfo& frame, const FrameInfo& mask) {
  return std::max<std::chrono::nanoseconds>(frame.taken - mask.taken, std::chrono::abs(frame.position - mask.position));
}

}  // namespace

Mattes::Mattes(MatteMaker& maker, Settings settings, const Log& log, CpuBudget* budget)
    : maker_(maker),
      settings_(settings),
      log_(log),
      switch_(settings.frame_interval),
      mode_(settings.mode == MaskMode::kAuto ? MaskMode::kEveryFrame : settings.mode),
      budget_(budget),
      worker_([this](const std::stop_token& stop) { work(stop); }) {}

Result<Matte> Mattes::for_frame(const Frame& frame) {
  const bool due = is_due(frame);
  return due && mode_ == MaskMode::kEveryFrame ? own(frame) : newest(frame, due);
}

bool Mattes::leaves_out() {
  const bool shown = !budget_ || ++left_out_ >= budget_->now().frame_every;
  if (shown) left_out_ = 0;
  return !shown;
}

/// Whether a mask of this frame is made. A failure is never kept, and no mask that is about to be too old.
bool Mattes::is_due(const Frame& frame) {
  const int every = budget_ ? budget_->now().mask_every : 1;
  const std::scoped_lock lock(mutex_);
  const bool good = newest_ && *newest_ && 2 * age(frame.info(), (*newest_)->info()) <= settings_.max_age;
  if (good && ++without_own_ < every) return false;
  without_own_ = 0;
  return true;
}

Result<Matte> Mattes::own(const Frame& frame) {
  const auto start = Clock::now();
  auto matte = maker_.make(frame);
  const std::scoped_lock lock(mutex_);
  newest_ = matte;  // so that a change to `latest` has one to begin with
  mask_cost_ = Clock::now() - start;
  return matte;
}

Result<Matte> Mattes::newest(const Frame& frame, bool due) {
  const std::scoped_lock lock(mutex_);
  if (due) wanted_.put_newest({frame, scene_});
  if (!newest_) return fail(ErrorCode::kNotYet, "The first mask is not ready yet.");
  if (!*newest_) return *newest_;
  if (age(frame.info(), (*newest_)->info()) > settings_.max_age)
    return fail(ErrorCode::kInference,
                fmt::format("The newest mask is older than {} ms; the machine may be too slow for this model.",
                            settings_.max_age.count()));
  return *newest_;
}

void Mattes::reset() {
  {
    const std::scoped_lock lock(mutex_);
    ++scene_;
    newest_.reset();
  }
  maker_.reset();
}

void Mattes::work(const std::stop_token& stop) {
  while (const auto wanted = wanted_.take(stop)) {
    const auto start = Clock::now();
    auto matte = maker_.make(wanted->frame);
    std::unique_lock lock(mutex_);
    if (wanted->scene == scene_) {
      newest_ = std::move(matte);
      mask_cost_ = Clock::now() - start;
    } else {
      lock.unlock();
      maker_.reset();  // the network may remember the frame of another scene
    }
  }
}

void Mattes::observe(Milliseconds rest) {
  if (budget_) budget_->observe();
  if (settings_.mode != MaskMode::kAuto) return;
  Milliseconds mask;
  {
    const std::scoped_lock lock(mutex_);
    mask = mask_cost_;
  }
  if (const auto mode = switch_.observe(mask + rest)) change_over(*mode);
}

void Mattes::change_over(MaskMode mode) {
  mode_ = mode;
  log_.info(
      mode == MaskMode::kLatest
          ? fmt::format("A frame with its own mask takes {:.0f} ms of {:.0f} ms: frames use the newest mask from now.",
                        switch_.average().count(), settings_.frame_interval.count())
          : std::string("Masks are fast enough again: every frame waits for its own from now."));
}

}  // namespace viba
