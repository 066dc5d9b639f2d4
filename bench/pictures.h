#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include <viba/frame.h>

/// What the benchmarks of kernels share: sizes and pictures.
namespace viba::bench {

/// 720 is 1280x720.
inline void sizes(benchmark::internal::Benchmark* row) { row->Arg(720)->Arg(1080)->Unit(benchmark::kMicrosecond); }

inline Size size_of(const benchmark::State& state) {
  const int height = static_cast<int>(state.range(0));
  return {height * 16 / 9, height};
}

inline std::vector<std::uint8_t> noise_bytes(std::size_t count) {
  std::mt19937 random{3};
  std::vector<std::uint8_t> bytes(count);
  std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
  return bytes;
}

inline Frame noise(Size size) {
  FramePool pool;
  std::mt19937 random{3};
  auto frame = pool.acquire(size);
  for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
    for (int y = 0; y < plane.size.height; ++y)
      std::generate_n(plane.row(y), plane.size.width, [&] { return static_cast<std::uint8_t>(random()); });
  return std::move(*frame).freeze({});
}

}  // namespace viba::bench
