#include "refine/matte_refiner.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "media/upsample.h"

namespace viba {
namespace {

constexpr float kTail = 0.1F;  ///< confidence this near to 0 or 1 counts as sure

/// The shift of the log odds that takes `threshold` to one half, without a logarithm.
float moved(float confidence, float threshold) {
  const float person = confidence * (1 - threshold);
  const float room = (1 - confidence) * threshold;
  return person > 0 ? person / (person + room) : 0;
}

/// Smoothstep between the tails; one half stays one half.
float without_tails(float alpha) {
  const float t = std::clamp((alpha - kTail) / (1 - 2 * kTail), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

class MatteRefiner final : public Refiner {
 public:
  explicit MatteRefiner(float threshold) : threshold_(threshold) {}

  Result<Matte> refine(const Frame& frame, const Confidence& confidence) override {
    const auto cells = std::size_t(confidence.size.width) * std::size_t(confidence.size.height);
    if (cells == 0 || confidence.values.size() != cells)
      return fail(ErrorCode::kInference,
                  fmt::format("The network gave {} values for a grid of {}x{}.", confidence.values.size(),
                              confidence.size.width, confidence.size.height));
    alpha_.resize(cells);
    std::ranges::transform(confidence.values, alpha_.begin(), [&](float p) {
      return static_cast<std::uint8_t>(without_tails(moved(p, threshold_)) * 255 + 0.5F);
    });
    return pool_.acquire(frame.size()).map([&](MutableMatte&& matte) {
      upsampler_.run(alpha_, confidence.size, matte.alpha());
      return std::move(matte).freeze(frame.info());
    });
  }

 private:
  float threshold_;
  std::vector<std::uint8_t> alpha_;
  Upsampler upsampler_;
  MattePool pool_;
};

}  // namespace

Result<std::unique_ptr<Refiner>> make_refiner(const Options& options, double threshold, const Log& /*log*/) {
  return std::make_unique<MatteRefiner>(static_cast<float>(options.segmentation_threshold.value_or(threshold)));
}

}  // namespace viba
