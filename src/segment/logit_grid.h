#pragma once

#include <span>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Makes confidences of logits. A network of stride s that takes k·s + 1 pixels gives k + 1 logits,
/// which belong to the pixels 0, s, 2s … of its input, so that the outer ones lie on the edges of the
/// picture; a confidence is asked for on cells that share the whole picture evenly. Logits are
/// interpolated and the sigmoid comes after, because that keeps the person's edge sharp: interpolated
/// confidences would make it as wide as the stride.
/// Thread-safety: none.
class LogitGrid {
 public:
  /// `input` is what the network takes, `logits` what it gives.
  LogitGrid(Size input, Size logits);

  /// Of the confidences: one for every four pixels of the input, each way.
  [[nodiscard]] Size size() const { return {static_cast<int>(columns_.size()), static_cast<int>(rows_.size())}; }
  /// `confidences` has as many values as `size()` has cells; they come out as 0..1, and as NaN where
  /// a logit is.
  void fill(std::span<const float> logits, std::span<float> confidences);

 private:
  /// Between which logits a cell's centre lies, and how far it is from the first towards the second.
  struct Tap {
    std::size_t first = 0, second = 0;
    float share = 0;
  };
  [[nodiscard]] static std::vector<Tap> plan(int input, int logits);

  std::vector<Tap> rows_, columns_;
  std::vector<float> row_;
};

}  // namespace viba
