#pragma once

#include <mutex>
#include <optional>
#include <thread>

#include <viba/log.h>
#include <viba/stages.h>

#include "base/mailbox.h"
#include "pipeline/cpu_budget.h"
#include "pipeline/mask_mode.h"
#include "pipeline/matte_maker.h"

namespace viba {

/// Answers each frame with the matte it may be shown with: its own, or in `latest` mode the newest
/// one that is not too old. Thread-safety: all members from one thread.
class Mattes {
 public:
  struct Settings {
    MaskMode mode = MaskMode::kAuto;
    std::chrono::milliseconds max_age{500};
    Milliseconds frame_interval{0};
  };

  /// `budget` may make masks and frames rarer; null: there is none.
  Mattes(MatteMaker& maker, Settings settings, const Log& log, CpuBudget* budget = nullptr);

  /// Asked for each frame that comes: whether the budget leaves no time to show it.
  [[nodiscard]] bool leaves_out();

  /// Errors: why there is none; the frame must not be shown then. kNotYet: the first one is still
  /// being made.
  [[nodiscard]] Result<Matte> for_frame(const Frame& frame);

  /// The next frame has nothing to do with the last one: neither its mask nor what the network
  /// remembers is used any more.
  void reset();

  /// Tells what the frame cost beside its mask, for `auto`.
  void observe(Milliseconds rest);

 private:
  [[nodiscard]] Result<Matte> own(const Frame& frame);
  [[nodiscard]] Result<Matte> newest(const Frame& frame, bool due);
  [[nodiscard]] bool is_due(const Frame& frame);
  void work(const std::stop_token& stop);
  void change_over(MaskMode mode);

  MatteMaker& maker_;
  Settings settings_;
  Log log_;
  ModeSwitch switch_;
  MaskMode mode_;
  CpuBudget* budget_;
  int left_out_ = 0;     ///< frames since the last that was shown
  int without_own_ = 0;  ///< frames since the last for which a mask was begun

  std::mutex mutex_;  ///< of newest_, mask_cost_ and scene_
  std::optional<Result<Matte>> newest_;
  Milliseconds mask_cost_{0};
  int scene_ = 0;  ///< counts resets: what was begun before the last one is of another scene
  struct Wanted {
    Frame frame;
    int scene;
  };
  Mailbox<Wanted> wanted_;
  std::jthread worker_;  ///< last, so that it ends before what it uses
};

}  // namespace viba
