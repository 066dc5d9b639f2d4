#include "segment/confidence_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace viba {
namespace {

constexpr float kRounding = 1e-3F;  ///< how far beyond 0..1 a probability may come out

/// Whether all lie within both, which a NaN does not. It looks at all of them, which lets the compiler look at several
/// at once.
bool all_within(std::span<const float> values, float least, float most) {
  int outside = 0;
  for (const float x : values) outside |= static_cast<int>(!(x >= least)) | static_cast<int>(!(x <= most));
  return outside == 0;
}

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

Result<void> ConfidenceReader::check(const OutputFeed& feed, const MapShape& map, const std::string& file) {
  constexpr int kSmallestSide = 2;
  const auto useless = [&](std::string_view why) {
    return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file, why));
  };
  if (std::min(map.size.width, map.size.height) < kSmallestSide)
    return useless(fmt::format("its output is of {}x{}, which is no mask", map.size.width, map.size.height));
  if (feed.activation == Activation::kSoftmax && map.channels < 2)
    return useless("output.activation = \"softmax\" takes an output of two channels or more, and it has one");
  return {};
}

ConfidenceReader::ConfidenceReader(const OutputFeed& feed, Size input, const MapShape& map) : feed_(feed), map_(map) {
  if (feed.grid == Grid::kCorners && feed.activation == Activation::kSigmoid) grid_.emplace(input, map.size);
}

std::span<const float> ConfidenceReader::channel(std::span<const float> values) {
  const auto channels = static_cast<std::size_t>(map_.channels);
  const auto wanted = static_cast<std::size_t>(feed_.channel);
  const std::size_t area = values.size() / channels;
  const std::size_t cell = map_.channels_last ? channels : 1;
  const std::size_t step = map_.channels_last ? 1 : area;
  if (feed_.activation != Activation::kSoftmax && cell == 1) return values.subspan(wanted * area, area);
  channel_.resize(area);
  for (std::size_t i = 0; i < area; ++i) {
    const float* first = values.data() + i * cell;
    channel_[i] = first[wanted * step];
    if (feed_.activation != Activation::kSoftmax) continue;
    // exp(wanted) / sum of exp, each divided by exp(wanted).
    float sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += std::exp(first[c * step] - channel_[i]);
    channel_[i] = 1 / sum;
  }
  return channel_;
}

bool ConfidenceReader::read(std::span<const float> values, Confidence& confidence) {
  constexpr float kFinite = std::numeric_limits<float>::max();
  if (!all_within(values, -kFinite, kFinite)) return false;
  const auto numbers = channel(values);
  const bool logits = feed_.activation == Activation::kSigmoid;
  if (!logits && !all_within(numbers, -kRounding, 1 + kRounding)) return false;
  confidence.area.reset();
  confidence.size = grid_ ? grid_->size() : map_.size;
  confidence.values.resize(static_cast<std::size_t>(confidence.size.width) *
                           static_cast<std::size_t>(confidence.size.height));
  if (grid_)
    grid_->fill(numbers, confidence.values);
  else if (logits)
    std::ranges::transform(numbers, confidence.values.begin(), sigmoid);
  else
    std::ranges::transform(numbers, confidence.values.begin(), [](float x) { return std::clamp(x, 0.0F, 1.0F); });
  if (feed_.invert)
    for (float& x : confidence.values) x = 1 - x;
  return true;
}

}  // namespace viba
