#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>
#include <vector>

#include <hwy/targets.h>

#include "base/data_dirs.h"
#include "media/video_reader.h"
#include "refine/edge_shaper.h"
#include "refine/guided_filter.h"
#include "refine/matte_placer.h"
#include "refine/matte_refiner.h"
#include "refine/motion_smoother.h"
#include "refine/picture_shrinker.h"
#include "segment/make_segmenter.h"

/// What it takes to make a matte from the network's word, on the bundled sample.
namespace {

using namespace viba;

template <class T>
T need(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

struct Clip {
  std::vector<Frame> frames;
  std::vector<Confidence> confidences;
};

Clip load(Size size) {
  constexpr std::size_t kFrames = 40;
  const auto file = find_data_file({}, "sample/sample.mp4");
  if (!file) throw std::runtime_error("The sample is not installed.");
  auto reader = need(VideoReader::open(*file, {size, Fit::kCover}));
  const auto segmenter = need(make_segmenter({}, {}));
  Clip clip;
  while (clip.frames.size() < kFrames) {
    auto frame = need(reader.next());
    if (!frame) break;
    need(segmenter->segment(*frame, clip.confidences.emplace_back()));
    clip.frames.push_back(std::move(*frame));
  }
  return clip;
}

const Clip& clip(benchmark::State& state) {
  static const Clip small = load({1280, 720}), large = load({1920, 1080});
  return state.range(0) == 720 ? small : large;
}

/// Calls `work` with one frame after the other, to and fro, so that nothing jumps.
template <class Work>
void for_frames(benchmark::State& state, const Work& work) {
  const Clip& all = clip(state);
  std::ptrdiff_t at = 0, step = 1;
  for (auto _ : state) {
    const auto i = static_cast<std::size_t>(at);
    work(all.frames[i], all.confidences[i]);
    if (at + step < 0 || at + step >= static_cast<std::ptrdiff_t>(all.frames.size())) step = -step;
    at += step;
  }
}

void refine(benchmark::State& state, bool learn_room) {
  Options options;
  options.learn_room = learn_room;
  const auto refiner = need(make_refiner(options, 0.5, {}));
  for_frames(state, [&](const Frame& frame, const Confidence& confidence) {
    benchmark::DoNotOptimize(need(refiner->refine(frame, confidence)));
  });
}

void refine_with_room(benchmark::State& state) { refine(state, true); }
void refine_without_room(benchmark::State& state) { refine(state, false); }

void refine_shrink(benchmark::State& state) {
  PictureShrinker shrinker;
  CoarsePicture picture;
  for_frames(state, [&](const Frame& frame, const Confidence&) { shrinker.run(frame, picture); });
}

void refine_place(benchmark::State& state) {
  MattePlacer placer;
  CoarseMatte matte;
  for_frames(state, [&](const Frame& frame, const Confidence& confidence) {
    placer.run(confidence, 0.4F, frame.size(), matte);
  });
}

/// Means of squares of pixels, as plain loops; `to` has cells_of(grid) bytes.
void shrink_plainly(ConstPlane from, Size grid, std::uint8_t* to) {
  const int side = from.size.width / grid.width;
  const int area = side * side;
  for (int y = 0; y < grid.height; ++y)
    for (int x = 0; x < grid.width; ++x) {
      int sum = area / 2;
      for (int row = 0; row < side; ++row)
        for (int column = 0; column < side; ++column) sum += from.row(y * side + row)[x * side + column];
      *to++ = static_cast<std::uint8_t>(sum / area);
    }
}

void refine_shrink_scalar(benchmark::State& state) {
  std::vector<std::uint8_t> to;
  for_frames(state, [&](const Frame& frame, const Confidence&) {
    const Size grid = coarse_size(frame.size());
    to.resize(cells_of(grid));
    for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()}) {
      shrink_plainly(plane, grid, to.data());
      benchmark::DoNotOptimize(to.data());
      benchmark::ClobberMemory();
    }
  });
}

void refine_shrink_memcpy(benchmark::State& state) {
  std::vector<std::uint8_t> to;
  for_frames(state, [&](const Frame& frame, const Confidence&) {
    for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()}) {
      const auto width = static_cast<std::size_t>(plane.size.width);
      to.resize(std::max(to.size(), width * static_cast<std::size_t>(plane.size.height)));
      for (int y = 0; y < plane.size.height; ++y)
        std::memcpy(to.data() + static_cast<std::size_t>(y) * width, plane.row(y), width);
      benchmark::ClobberMemory();
    }
  });
}

/// What each cell of an axis lies between, and how far from the first; for grids of a similar size.
struct Neighbours {
  int first, second;
  float part;
};

Neighbours neighbours(int cell, int cells, int sources) {
  const double at = std::clamp((cell + 0.5) * sources / cells - 0.5, 0.0, double(sources - 1));
  const int first = static_cast<int>(at);
  return {first, std::min(first + 1, sources - 1), static_cast<float>(at - first)};
}

/// Bilinearly, as plain loops: nearly what the placer does for the bundled networks, which average little or nothing.
void refine_place_scalar(benchmark::State& state) {
  constexpr float kThreshold = 0.4F;
  std::vector<float> moved;
  CoarseMatte matte;
  for_frames(state, [&](const Frame& frame, const Confidence& confidence) {
    const Size grid = coarse_size(frame.size());
    const Size sources = confidence.size;
    moved.resize(confidence.values.size());
    for (std::size_t i = 0; i < moved.size(); ++i) {
      const float person = confidence.values[i] * (1 - kThreshold);
      const float room = (1 - confidence.values[i]) * kThreshold;
      moved[i] = person > 0 ? person / (person + room) : 0;
    }
    matte.resize(cells_of(grid));
    float* to = matte.data();
    for (int y = 0; y < grid.height; ++y) {
      const Neighbours rows = neighbours(y, grid.height, sources.height);
      const float* upper = moved.data() + std::ptrdiff_t{rows.first} * sources.width;
      const float* lower = moved.data() + std::ptrdiff_t{rows.second} * sources.width;
      for (int x = 0; x < grid.width; ++x) {
        const Neighbours columns = neighbours(x, grid.width, sources.width);
        const float above = upper[columns.first] + columns.part * (upper[columns.second] - upper[columns.first]);
        const float below = lower[columns.first] + columns.part * (lower[columns.second] - lower[columns.first]);
        *to++ = above + rows.part * (below - above);
      }
    }
    benchmark::DoNotOptimize(matte.data());
  });
}

void refine_place_memcpy(benchmark::State& state) {
  CoarseMatte matte;
  std::vector<float> values;
  for_frames(state, [&](const Frame& frame, const Confidence& confidence) {
    values.resize(confidence.values.size());
    std::memcpy(values.data(), confidence.values.data(), values.size() * sizeof(float));
    matte.resize(cells_of(coarse_size(frame.size())));
    std::memcpy(matte.data(), values.data(), std::min(matte.size(), values.size()) * sizeof(float));
    benchmark::ClobberMemory();
  });
}

/// The same kernels for one number at a time, as plain loops are, while it lives.
class OneLane {
 public:
  OneLane() { allow(hwy::SupportedAndGeneratedTargets().back()); }
  ~OneLane() { allow(0); }
  OneLane(const OneLane&) = delete;
  OneLane& operator=(const OneLane&) = delete;

 private:
  static void allow(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

std::vector<CoarsePicture> coarse_pictures(const Clip& all) {
  std::vector<CoarsePicture> pictures(all.frames.size());
  PictureShrinker shrinker;
  for (std::size_t i = 0; i < pictures.size(); ++i) shrinker.run(all.frames[i], pictures[i]);
  return pictures;
}

/// The temporal filter, with the cost of bringing a matte.
void refine_smooth(benchmark::State& state) {
  const Clip& all = clip(state);
  const auto pictures = coarse_pictures(all);
  CoarseMatte coarse, matte;
  MattePlacer().run(all.confidences[0], 0.5F, all.frames[0].size(), coarse);
  MotionSmoother smoother;
  std::size_t i = 0;
  for (auto _ : state) {
    matte = coarse;
    smoother.run(pictures[i++ % pictures.size()], {}, matte);
  }
}

void refine_smooth_scalar(benchmark::State& state) {
  const OneLane plain;
  refine_smooth(state);
}

/// Of luma, the matte and the one before.
void refine_smooth_memcpy(benchmark::State& state) {
  const std::size_t bytes = cells_of(coarse_size(clip(state).frames[0].size())) * (1 + 2 * sizeof(float));
  std::vector<std::uint8_t> from(bytes, 1), to(bytes);
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), bytes);
    benchmark::ClobberMemory();
  }
}

void refine_guided_filter(benchmark::State& state) {
  const Clip& all = clip(state);
  MattePool pool;
  auto matte = need(pool.acquire(all.frames[0].size()));
  CoarsePicture picture;
  CoarseMatte coarse;
  PictureShrinker().run(all.frames[0], picture);
  MattePlacer().run(all.confidences[0], 0.5F, all.frames[0].size(), coarse);
  GuidedFilter filter;
  for (auto _ : state) filter.run(all.frames[0], picture, coarse, matte.alpha());
}

void refine_guided_filter_scalar(benchmark::State& state) {
  const OneLane plain;
  refine_guided_filter(state);
}

/// Of a frame; it reads the part of it near edges.
void refine_guided_filter_memcpy(benchmark::State& state) {
  const Frame& frame = clip(state).frames[0];
  std::vector<std::uint8_t> to(static_cast<std::size_t>(frame.size().width) * 2);
  for (auto _ : state)
    for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()})
      for (int y = 0; y < plane.size.height; ++y) {
        std::memcpy(to.data(), plane.row(y), static_cast<std::size_t>(plane.size.width));
        benchmark::ClobberMemory();
      }
}

void shape(benchmark::State& state, double softness, double shift) {
  MattePool pool;
  auto matte = need(pool.acquire(clip(state).frames[0].size()));
  std::fill_n(matte.alpha().data, std::ptrdiff_t{matte.alpha().stride} * matte.size().height, std::uint8_t{100});
  EdgeShaper shaper(softness, shift);
  for (auto _ : state) shaper.run(matte.alpha());
}

void refine_soften_by_6(benchmark::State& state) { shape(state, 6, 0); }
void refine_shift_by_4(benchmark::State& state) { shape(state, 0, 4); }

// NOLINTBEGIN: the library's own way
#define VIBA_BENCHMARK(name) BENCHMARK(name)->Arg(720)->Arg(1080)->Unit(benchmark::kMicrosecond)
VIBA_BENCHMARK(refine_with_room);
VIBA_BENCHMARK(refine_without_room);
VIBA_BENCHMARK(refine_shrink);
VIBA_BENCHMARK(refine_shrink_scalar);
VIBA_BENCHMARK(refine_shrink_memcpy);
VIBA_BENCHMARK(refine_place);
VIBA_BENCHMARK(refine_place_scalar);
VIBA_BENCHMARK(refine_place_memcpy);
VIBA_BENCHMARK(refine_smooth);
VIBA_BENCHMARK(refine_smooth_scalar);
VIBA_BENCHMARK(refine_smooth_memcpy);
VIBA_BENCHMARK(refine_guided_filter);
VIBA_BENCHMARK(refine_guided_filter_scalar);
VIBA_BENCHMARK(refine_guided_filter_memcpy);
VIBA_BENCHMARK(refine_soften_by_6);
VIBA_BENCHMARK(refine_shift_by_4);
#undef VIBA_BENCHMARK
// NOLINTEND

}  // namespace
