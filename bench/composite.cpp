#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "composite/blend.h"
#include "composite/blur.h"

/// What laying a person over a background costs, against the plain mixture of two pictures.
namespace {

using namespace viba;

/// Somebody before a camera, to below the shoulders, with soft edges: a third of the picture, as wide
/// an edge as hair has.
std::uint8_t person_at(double x, double y) {
  const double head = 1 - std::hypot((x - 0.5) / 0.11, (y - 0.35) / 0.25);
  const double body = 1 - std::hypot((x - 0.5) / 0.3, (y - 1.05) / 0.48);
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(0.5 + 8 * std::max(head, body), 0.0, 1.0)));
}

struct Scene {
  explicit Scene(Size size, Size room_size = {})
      : person(noise(size)), behind(noise(size)), matte(make_matte(size, room_size)) {}

  Frame noise(Size size) {
    auto frame = frames.acquire(size);
    for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
      for (int y = 0; y < plane.size.height; ++y)
        std::generate_n(plane.row(y), plane.size.width, [&] { return static_cast<std::uint8_t>(random()); });
    return std::move(*frame).freeze({});
  }

  static Matte make_matte(Size size, Size room_size) {
    MattePool mattes;
    auto matte = mattes.acquire(size, room_size);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x)
        matte->alpha().row(y)[x] = person_at(double(x) / size.width, double(y) / size.height);
    const auto room = matte->room();
    if (room_size != Size{})
      for (const Plane& plane : {room.y, room.u, room.v, room.known})
        for (int y = 0; y < room_size.height; ++y) std::fill_n(plane.row(y), room_size.width, std::uint8_t{200});
    return std::move(*matte).freeze({});
  }

  std::mt19937 random{3};
  FramePool frames;
  Frame person, behind;
  Matte matte;
};

void mix(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
         int width) {
  for (int x = 0; x < width; ++x) {
    const auto sum = static_cast<std::uint16_t>(person[x] * alpha[x] + behind[x] * (255 - alpha[x]) + 128);
    out[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(sum + (sum >> 8)) >> 8);
  }
}

/// alpha·I + (1 − alpha)·N everywhere, in loops that the compiler turns into vectors.
void mix(const Scene& scene, const MutableFrame& out, std::vector<std::uint8_t>& half) {
  const ConstPlane alpha = scene.matte.alpha();
  half.resize(static_cast<std::size_t>(out.u().size.width));
  for (int y = 0; y < out.u().size.height; ++y) {
    for (const int row : {2 * y, 2 * y + 1})
      mix(scene.person.y().row(row), scene.behind.y().row(row), alpha.row(row), out.y().row(row), alpha.size.width);
    const std::uint8_t* upper = alpha.row(2 * y);
    const std::uint8_t* lower = alpha.row(2 * y + 1);
    for (std::size_t x = 0; x < half.size(); ++x)
      half[x] = static_cast<std::uint8_t>((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
    mix(scene.person.u().row(y), scene.behind.u().row(y), half.data(), out.u().row(y), out.u().size.width);
    mix(scene.person.v().row(y), scene.behind.v().row(y), half.data(), out.v().row(y), out.v().size.width);
  }
}

Size size_of(const benchmark::State& state) {
  return {static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
}

void composite_plain_mixture(benchmark::State& state) {
  Scene scene(size_of(state));
  std::vector<std::uint8_t> half;
  const auto out = scene.frames.acquire(size_of(state));
  for (auto _ : state) mix(scene, *out, half);
}

void blend(benchmark::State& state, Size room, double light_wrap = 0) {
  Scene scene(size_of(state), room);
  Blender blender(light_wrap);
  const auto out = scene.frames.acquire(size_of(state));
  for (auto _ : state) blender.run(scene.person, scene.behind, scene.matte, *out);
}

void composite_edge_colors(benchmark::State& state) { blend(state, {}); }
void composite_edge_colors_room_known(benchmark::State& state) { blend(state, {320, 180}); }
void composite_light_wrap(benchmark::State& state) { blend(state, {}, 30); }

/// Strengths 20 and 100.
template <int kStrength>
void composite_blur_room(benchmark::State& state) {
  Scene scene(size_of(state));
  FrameBlur blur(kStrength);
  const auto out = scene.frames.acquire(size_of(state));
  for (auto _ : state) blur.run(scene.person, scene.matte, *out);
}

void sizes(benchmark::internal::Benchmark* row) {
  row->Args({1280, 720})->Args({1920, 1080})->Unit(benchmark::kMicrosecond)->UseRealTime();
}
BENCHMARK(composite_plain_mixture)->Apply(sizes);
BENCHMARK(composite_edge_colors)->Apply(sizes);
BENCHMARK(composite_edge_colors_room_known)->Apply(sizes);
BENCHMARK(composite_light_wrap)->Apply(sizes);
BENCHMARK(composite_blur_room<20>)->Apply(sizes);
BENCHMARK(composite_blur_room<100>)->Apply(sizes);

}  // namespace
