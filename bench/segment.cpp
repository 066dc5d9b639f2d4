#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "segment/confidence_reader.h"
#include "segment/region_tracker.h"

/// What a network costs besides itself: what is made of its output.
namespace {

using namespace viba;

constexpr Size kInput{256, 256};
constexpr std::size_t kCells = 256 * 256;

/// Somebody in the middle, of a third of the picture.
std::vector<float> mask() {
  std::vector<float> values(kCells);
  for (std::size_t i = 0; i < kCells; ++i) {
    const double x = double(i % 256) / 256 - 0.5, y = double(i / 256) / 256 - 0.7;
    values[i] = float(std::clamp(0.5 + 8 * (0.34 - std::hypot(x, y)), 0.0, 1.0));
  }
  return values;
}

void confidence_reading(benchmark::State& state) {
  const auto values = mask();
  ConfidenceReader reader({}, kInput, {kInput, 1, false});
  Confidence confidence;
  for (auto _ : state) benchmark::DoNotOptimize(reader.read(values, confidence));
}

void finding_people(benchmark::State& state) {
  const Confidence confidence{kInput, mask(), {}};
  PeopleFinder finder(0.5);
  for (auto _ : state) benchmark::DoNotOptimize(finder.find(confidence, {1280, 720}));
}

BENCHMARK(confidence_reading)->Unit(benchmark::kMicrosecond);
BENCHMARK(finding_people)->Unit(benchmark::kMicrosecond);

}  // namespace
