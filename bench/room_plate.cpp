#include "refine/room_plate.h"

#include <cmath>
#include <vector>

#include <benchmark/benchmark.h>

/// What learning the room takes, of frames of 16:9.
namespace {

using namespace viba;

constexpr Size kGrid{320, 180};

/// A patterned room, before it a person who sways, and a network that sees them a little too wide.
struct Scene {
  std::vector<CoarsePicture> pictures;
  std::vector<CoarseMatte> mattes;

  Scene() {
    for (int frame = 0; frame < 60; ++frame) add(160 + 40 * std::sin(float(frame) * 0.2F));
  }

  void add(float centre) {
    CoarsePicture& picture = pictures.emplace_back(CoarsePicture{kGrid, {}, {}, {}});
    CoarseMatte& matte = mattes.emplace_back();
    for (int y = 0; y < kGrid.height; ++y)
      for (int x = 0; x < kGrid.width; ++x) {
        const float off = std::abs(float(x) - centre);
        const bool person = off < 45 && y > 30;
        const float wall = 110 + 40 * std::sin(float(x) * 0.3F) * std::cos(float(y) * 0.2F);
        picture.y.push_back(static_cast<std::uint8_t>(person ? 80 : wall));
        picture.u.push_back(person ? 110 : 130);
        picture.v.push_back(person ? 160 : 126);
        matte.push_back(person ? 0.98F : off < 50 && y > 25 ? 0.4F : 0.01F);
      }
  }
};

void room_plate(benchmark::State& state) {
  const Scene scene;
  RoomPlate plate{Log{}};
  CoarseMatte matte;
  std::size_t frame = 0;
  for (auto _ : state) {
    const std::size_t i = frame++ % scene.pictures.size();
    matte = scene.mattes[i];
    plate.run(scene.pictures[i], matte, std::chrono::milliseconds(33) * static_cast<int>(frame));
  }
}

void room_plate_show(benchmark::State& state) {
  const Scene scene;
  RoomPlate plate{Log{}};
  CoarseMatte matte;
  for (std::size_t i = 0; i < scene.pictures.size(); ++i) {
    matte = scene.mattes[i];
    plate.run(scene.pictures[i], matte, std::chrono::milliseconds(33) * static_cast<int>(i));
  }
  MattePool pool;
  const auto shown = pool.acquire({1280, 720}, kGrid);
  for (auto _ : state) plate.show(shown->room());
}

// NOLINTBEGIN: the library's own way
BENCHMARK(room_plate)->Unit(benchmark::kMicrosecond);
BENCHMARK(room_plate_show)->Unit(benchmark::kMicrosecond);
// NOLINTEND

}  // namespace
