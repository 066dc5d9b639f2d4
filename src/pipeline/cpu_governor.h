#pragma once

#include <cstddef>
#include <vector>

namespace viba {

/// Decides when to save work, in steps that each cost less than the one before, so that the processor's
/// use stays under what is allowed. Saves more when the smoothed use is over it; saves less when what the
/// richer step used, as measured when it was left, would fit for a while. Where that was wrong, it waits
/// longer the next time, so that it does not go to and fro. Thread-safety: none.
class CpuGovernor {
 public:
  enum class Verdict { kStay, kSaveMore, kSaveLess, kNothingLeft };

  /// `allowed` in percent of one core. Step 0 saves nothing, `steps` - 1 all that there is.
  CpuGovernor(double allowed, std::size_t steps) : allowed_(allowed), cost_of_richer_(steps, 1.0) {}

  /// Takes what was used of one core, in percent, over about a second, and changes the step accordingly.
  /// kNothingLeft is said once.
  [[nodiscard]] Verdict observe(double used);

  /// That step turned out not to exist; whoever is on it is on the one before.
  void remove(std::size_t step);

  [[nodiscard]] std::size_t step() const { return step_; }
  [[nodiscard]] double average() const { return average_; }

 private:
  static constexpr int kUnsettled = 1;  ///< samples after a change that say nothing: a network was opened meanwhile
  static constexpr int kSettled = 3;    ///< samples after a change from which on there may be another
  static constexpr int kPatience = 5;   ///< samples with room in a row before less is saved
  static constexpr int kMostPatience = 300;
  static constexpr int kSoon = 30;        ///< a return to saving within so many samples: the room was a mistake
  static constexpr double kRoom = 0.9;    ///< of what is allowed
  static constexpr double kMostCost = 2;  ///< no step saves more than half

  [[nodiscard]] bool has_room() const;
  Verdict save_more();
  Verdict save_less();
  void change_to(std::size_t step, bool saving);

  double allowed_;
  std::vector<double> cost_of_richer_;  ///< of each step: what the one before it uses, as a multiple of it
  std::size_t step_ = 0;
  double average_ = 0;
  double before_ = 0;  ///< the average at the last change
  int seen_ = 0;       ///< samples since then
  int with_room_ = 0;
  int patience_ = kPatience;
  bool saving_ = true;  ///< which way the last change went
  bool told_ = false;
};

}  // namespace viba
