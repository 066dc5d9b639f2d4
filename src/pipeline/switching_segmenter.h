#pragma once

#include <functional>
#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/pipeline.h>

#include "pipeline/cpu_budget.h"

namespace viba {

/// The usual network, or a smaller one while the budget wants that. The smaller one is opened when it is first
/// wanted, on the thread that segments, and stays. Where it cannot be opened or fails, the usual one goes on, and
/// `log` hears why. Thread-safety: none.
class SwitchingSegmenter final : public Segmenter {
 public:
  using Open = decltype(Stages::lighter);

  SwitchingSegmenter(Segmenter& usual, Open open, CpuBudget& budget, const Log& log)
      : usual_(usual), open_(std::move(open)), budget_(budget), log_(log) {}

  [[nodiscard]] std::string name() const override { return usual_.name(); }
  [[nodiscard]] double threshold() const override { return usual_.threshold(); }
  [[nodiscard]] Result<void> segment(const Frame& frame, Confidence& confidence) override;
  void reset() override;
  [[nodiscard]] std::chrono::nanoseconds network_time() const override { return used().network_time(); }
  [[nodiscard]] int network_runs() const override { return used().network_runs(); }

 private:
  [[nodiscard]] const Segmenter& used() const { return light_ ? *lighter_ : usual_; }
  [[nodiscard]] Result<void> segment_lighter(const Frame& frame, Confidence& confidence);
  [[nodiscard]] Result<void> open();
  void give_up(const Error& why);

  Segmenter& usual_;
  Open open_;  ///< empty: there is no smaller one
  CpuBudget& budget_;
  Log log_;
  std::unique_ptr<Segmenter> lighter_;
  bool light_ = false;  ///< which one saw the last frame
};

}  // namespace viba
