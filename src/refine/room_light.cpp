#include "refine/room_light.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr int kColumns = 4, kRows = 3;  ///< one cell in so many is looked at
constexpr std::size_t kFewestSamples = 100;
constexpr float kNear = 12;  ///< levels from the median that the mean is taken over
constexpr float kFlat = 25;  ///< variance of the room below which it says nothing of a gain
constexpr float kLeastGain = 0.8F, kMostGain = 1.25F;

}  // namespace

void LightMeter::collect(const std::vector<std::uint8_t>& now, const std::vector<std::uint16_t>& then,
                         const RoomCells& room, const BitMask& reliable) {
  samples_.clear();
  for (int y = 1; y < room.size.height; y += kRows)
    for (int x = y % kColumns; x < room.size.width; x += kColumns) {
      const auto cell = std::size_t(y) * std::size_t(room.size.width) + std::size_t(x);
      if (reliable.test(x, y)) samples_.push_back({float(now[cell]), float(then[cell]) / 128});
    }
}

float LightMeter::median_change() const {
  histogram_.fill(0);
  // What was learnt in another light may lie beyond the range of a picture.
  for (const auto& [now, then] : samples_)
    ++histogram_[static_cast<std::size_t>(std::clamp(now - then + 256.5F, 0.0F, 511.0F))];
  int left = static_cast<int>(samples_.size() / 2);
  std::size_t bin = 0;
  while (bin + 1 < histogram_.size() && (left -= histogram_[bin]) >= 0) ++bin;
  return static_cast<float>(bin) - 256;
}

Light::Channel LightMeter::fitted(bool with_gain) const {
  if (samples_.size() < kFewestSamples) return {};
  const float median = median_change();
  double count = 0, now_sum = 0, then_sum = 0, squares = 0, products = 0;
  for (const auto& [now, then] : samples_) {
    if (std::abs(now - then - median) >= kNear) continue;
    count += 1;
    now_sum += now;
    then_sum += then;
    squares += double(then) * then;
    products += double(then) * now;
  }
  if (count < kFewestSamples) return {};
  const double now_mean = now_sum / count, then_mean = then_sum / count;
  const double variance = squares / count - then_mean * then_mean;
  const double covariance = products / count - then_mean * now_mean;
  double gain = 1;
  if (with_gain && variance > kFlat) {
    // Drawn towards 1 the less contrast there is.
    gain = 1 + (covariance / (variance + kFlat) - 1) * variance / (variance + kFlat);
    gain = std::clamp<double>(gain, kLeastGain, kMostGain);
  }
  return {static_cast<float>(gain), static_cast<float>(now_mean - gain * then_mean)};
}

Light LightMeter::measure(const CoarsePicture& picture, const RoomCells& room, const BitMask& reliable) {
  Light light;
  collect(picture.y, room.y, room, reliable);
  light.y = fitted(true);
  collect(picture.u, room.u, room, reliable);
  light.u = fitted(false);
  collect(picture.v, room.v, room, reliable);
  light.v = fitted(false);
  return light;
}

}  // namespace viba
