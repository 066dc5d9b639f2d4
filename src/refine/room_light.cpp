#include "refine/room_light.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "refine/room_light_kernels.h"

namespace viba {
namespace {

constexpr int kColumns = 4, kRows = 3;  ///< one cell in so many is looked at: `take_fourths`
constexpr std::size_t kFewestSamples = 100;
constexpr int kNear = 12;    ///< levels from the median that the mean is taken over
constexpr float kFlat = 25;  ///< variance of the room below which it says nothing of a gain
constexpr float kLeastGain = 0.8F, kMostGain = 1.25F;

}  // namespace

void LightMeter::prepare(Size size) {
  if (size == size_) return;
  const auto most = std::size_t(size.width / kColumns + 1) * std::size_t(size.height / kRows + 1);
  for (auto* channel : {&y_, &u_, &v_}) {
    channel->now.resize(most);
    channel->then.resize(most);
  }
  scratch_.resize(most);
  size_ = size;
}

void LightMeter::collect(const CoarsePicture& picture, const RoomCells& room, const BitMask& reliable) {
  count_ = 0;
  const std::pair<const std::vector<std::uint8_t>&, const std::vector<std::uint16_t>&> planes[] = {
      {picture.y, room.y}, {picture.u, room.u}, {picture.v, room.v}};
  Channel* const channels[] = {&y_, &u_, &v_};
  const auto take = [&](std::size_t cell) {
    for (std::size_t i = 0; i < std::size(planes); ++i) {
      channels[i]->now[count_] = planes[i].first[cell];
      channels[i]->then[count_] = planes[i].second[cell];
    }
    ++count_;
  };
  const auto take_word = [&](std::size_t cell, int first) {
    for (std::size_t i = 0; i < std::size(planes); ++i)
      take_fourths(planes[i].first.data() + cell, planes[i].second.data() + cell, first,
                   channels[i]->now.data() + count_, channels[i]->then.data() + count_);
    count_ += 64 / kColumns;
  };
  for (int y = 1; y < size_.height; y += kRows) {
    const int first = y % kColumns;
    const std::uint64_t columns = std::uint64_t{0x1111111111111111} << first;
    const std::size_t row = std::size_t(y) * std::size_t(size_.width);
    for (std::size_t x = 0; const std::uint64_t word : reliable.row(y)) {
      // Mostly it is all or nothing.
      if ((word & columns) == columns && x + 64 <= std::size_t(size_.width))
        take_word(row + x, first);
      else
        for (auto left = word & columns; left != 0; left &= left - 1)
          take(row + x + std::size_t(std::countr_zero(left)));
      x += 64;
    }
  }
}

Light::Channel LightMeter::fitted(const Channel& samples, bool with_gain) {
  const LevelPairs pairs{samples.now.data(), samples.then.data(), count_};
  if (count_ < kFewestSamples) return {};
  const LevelSums sums = sums_near(pairs, median_change(pairs, scratch_.data()), kNear);
  if (sums.count < kFewestSamples) return {};
  const auto count = static_cast<double>(sums.count);
  const double now_sum = double(sums.now), then_sum = double(sums.then) / 128;
  const double squares = double(sums.squares_of_then) / (128.0 * 128), products = double(sums.products) / 128;
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
  prepare(picture.size);
  collect(picture, room, reliable);
  light.y = fitted(y_, true);
  light.u = fitted(u_, false);
  light.v = fitted(v_, false);
  return light;
}

}  // namespace viba
