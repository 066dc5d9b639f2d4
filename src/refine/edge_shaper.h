#pragma once

#include <cstdint>
#include <vector>

#include <viba/frame.h>

namespace viba {

/// Moves a matte's edge outwards or inwards, then blurs it, as far as the user asks for.
/// It is moved by grayscale morphology with an octagon, so that soft edges stay soft and every direction counts alike;
/// blurred by binomial filters whose taps lie ever nearer to each other. The picture's own border is no edge.
/// Thread-safety: none.
class EdgeShaper {
 public:
  /// In pixels of a picture 720 high: softness from 0, how far the blur reaches to each side; shift, outwards if
  /// positive.
  EdgeShaper(double softness, double shift) : softness_(softness), shift_(shift) {}

  /// Does nothing, and takes no time, when neither is asked for.
  void run(Plane alpha);

 private:
  struct Step {
    int x, y;
  };
  enum class Border { kZero, kRepeat };
  void load(ConstPlane alpha, int margin, Border border, std::uint8_t flipped);
  void store(Plane alpha, double share, std::uint8_t flipped) const;
  template <class Mix>
  void mix(Step step, const Mix& mixed);
  void widen(Step direction, int pixels);
  void blur(Step step);
  void shift(Plane alpha, double pixels);
  void soften(Plane alpha, int pixels);
  [[nodiscard]] std::uint8_t* row(int y) { return sheet_.data() + std::ptrdiff_t{y} * size_.width; }

  double softness_, shift_;
  Size size_;    ///< of the sheet: the matte with a margin
  Step origin_;  ///< where on the sheet the matte's first pixel is
  std::vector<std::uint8_t> sheet_, copy_;
};

}  // namespace viba
