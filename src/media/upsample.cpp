#include "media/upsample.h"

#include <algorithm>
#include <cmath>

namespace viba {
namespace {

constexpr int kOne = 256;

void blend_rows(const std::uint16_t* upper, const std::uint16_t* lower, int part, std::uint8_t* out, int width) {
  const auto lower_weight = static_cast<std::uint32_t>(part);
  const auto upper_weight = static_cast<std::uint32_t>(kOne - part);
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint8_t>((upper[x] * upper_weight + lower[x] * lower_weight + (1 << 15)) >> 16);
}

}  // namespace

void Upsampler::make_taps(std::vector<Tap>& taps, int from, int to) {
  taps.resize(static_cast<std::size_t>(to));
  const double step = double(from) / to;
  for (int i = 0; i < to; ++i) {
    const double position = std::clamp((i + 0.5) * step - 0.5, 0.0, double(from - 1));
    const int first = static_cast<int>(position);
    const int second = std::min(first + 1, from - 1);
    taps[static_cast<std::size_t>(i)] = {first, second,
                                         static_cast<std::uint16_t>(std::lround((position - first) * kOne))};
  }
}

const std::uint16_t* Upsampler::widened(std::span<const std::uint8_t> grid, int row, int slot) {
  auto& wide = wide_[slot];
  if (wide_row_[slot] == row) return wide.data();
  const std::uint8_t* values = grid.data() + std::ptrdiff_t{row} * from_.width;
  for (std::size_t x = 0; x < columns_.size(); ++x) {
    const Tap tap = columns_[x];
    wide[x] = static_cast<std::uint16_t>(values[tap.first] * (kOne - tap.part) + values[tap.second] * tap.part);
  }
  wide_row_[slot] = row;
  return wide.data();
}

void Upsampler::run(std::span<const std::uint8_t> grid, Size from, Plane to) {
  if (from != from_ || to.size != to_) {
    make_taps(columns_, from.width, to.size.width);
    make_taps(rows_, from.height, to.size.height);
    for (auto& wide : wide_) wide.resize(columns_.size());
    from_ = from;
    to_ = to.size;
  }
  wide_row_[0] = wide_row_[1] = -1;
  for (int y = 0; y < to.size.height; ++y) {
    const Tap tap = rows_[static_cast<std::size_t>(y)];
    // Even grid rows live in slot 0, odd ones in slot 1: neighbours never push each other out.
    const auto* upper = widened(grid, tap.first, tap.first % 2);
    const auto* lower = tap.second == tap.first ? upper : widened(grid, tap.second, tap.second % 2);
    blend_rows(upper, lower, tap.part, to.row(y), to.size.width);
  }
}

}  // namespace viba
