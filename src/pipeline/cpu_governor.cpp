#include "pipeline/cpu_governor.h"

#include <algorithm>
#include <utility>

namespace viba {

CpuGovernor::Verdict CpuGovernor::observe(double used) {
  constexpr double kShareOfNew = 0.5;
  if (++seen_ <= kUnsettled) return Verdict::kStay;
  average_ = seen_ == kUnsettled + 1 ? used : average_ + kShareOfNew * (used - average_);
  if (seen_ < kSettled) return Verdict::kStay;
  if (seen_ == kSettled && saving_ && step_ > 0)
    cost_of_richer_[step_] = std::clamp(before_ / std::max(average_, 1e-3), 1.0, kMostCost);
  if (average_ > allowed_) return save_more();
  with_room_ = has_room() ? with_room_ + 1 : 0;
  return with_room_ < patience_ ? Verdict::kStay : save_less();
}

bool CpuGovernor::has_room() const { return step_ > 0 && average_ * cost_of_richer_[step_] < kRoom * allowed_; }

CpuGovernor::Verdict CpuGovernor::save_more() {
  if (step_ + 1 == cost_of_richer_.size()) {
    with_room_ = 0;
    return std::exchange(told_, true) ? Verdict::kStay : Verdict::kNothingLeft;
  }
  if (!saving_) patience_ = seen_ < kSoon ? std::min(2 * patience_, kMostPatience) : kPatience;
  change_to(step_ + 1, true);
  return Verdict::kSaveMore;
}

CpuGovernor::Verdict CpuGovernor::save_less() {
  change_to(step_ - 1, false);
  return Verdict::kSaveLess;
}

void CpuGovernor::change_to(std::size_t step, bool saving) {
  step_ = step;
  saving_ = saving;
  before_ = average_;
  seen_ = 0;
  with_room_ = 0;
}

void CpuGovernor::remove(std::size_t step) {
  cost_of_richer_.erase(cost_of_richer_.begin() + static_cast<std::ptrdiff_t>(step));
  if (step_ >= step) change_to(step_ - 1, false);
}

}  // namespace viba
