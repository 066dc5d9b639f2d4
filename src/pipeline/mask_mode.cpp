#include "pipeline/mask_mode.h"

namespace viba {

std::optional<MaskMode> ModeSwitch::observe(Milliseconds cost) {
  constexpr double kShareOfNew = 0.1;
  average_ = seen_ == 0 ? cost : average_ + kShareOfNew * (cost - average_);
  if (++seen_ < kSettle || interval_.count() <= 0) return std::nullopt;
  const bool waiting = mode_ == MaskMode::kEveryFrame;
  const bool change = waiting ? average_ > kFull * interval_ : average_ < kRelaxed * interval_;
  if (!change) return std::nullopt;
  seen_ = 0;
  return mode_ = waiting ? MaskMode::kLatest : MaskMode::kEveryFrame;
}

}  // namespace viba
