#include "refine/room_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include <benchmark/benchmark.h>

#include "refine/room_numbers.h"

/// The kernels that the room is learnt with on a grid of 320x180 cells, each beside the same operation as plain loops,
/// and beside copying the bytes that it reads and writes.
namespace {

using namespace viba;

constexpr int kWidth = 320, kHeight = 180;
constexpr std::size_t kCells = std::size_t{kWidth} * kHeight;
constexpr std::size_t kWords = kWidth / 64;

template <class T>
struct Cells {
  std::vector<T> values;
  Cells(double low, double high) : values(kCells + 2) {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> some(low, high);
    for (auto& value : values) value = static_cast<T>(some(random));
  }
  T* row(int y) { return values.data() + 1 + std::ptrdiff_t(y) * kWidth; }
};

/// Runs of cells that have a bit and that do not, as they lie in a room with somebody in it.
struct Bits {
  std::vector<std::uint64_t> words = std::vector<std::uint64_t>(kWords * kHeight);
  explicit Bits(double share) {
    for (int y = 0; y < kHeight; ++y)
      for (int x = 0; x < int(share * kWidth); ++x) row(y)[x / 64] |= std::uint64_t{1} << (x % 64);
  }
  std::uint64_t* row(int y) { return words.data() + std::ptrdiff_t(y) * std::ptrdiff_t(kWords); }
};

bool test(const std::uint64_t* row, int x) { return (row[x / 64] >> (x % 64) & 1) != 0; }
void put(bool is, std::uint64_t* row, int x) {
  if (x % 64 == 0) row[x / 64] = 0;
  row[x / 64] |= std::uint64_t{is} << (x % 64);
}

struct Room {
  Cells<std::uint8_t> picture_y{60, 200}, picture_u{100, 150}, picture_v{100, 150}, samples{1, 200}, contrary{0, 10},
      shown{0, 1};
  Cells<std::uint16_t> y{8000, 25000}, u{13000, 19000}, v{13000, 19000}, noise_y{100, 2000}, noise_c{100, 1000};
  Cells<std::int16_t> sum_y{-60, 60}, sum_u{-30, 30}, sum_v{-30, 30}, difference{0, 1};
  Cells<float> matte{0, 1}, evidence{-4, 4}, trust{0.5, 1}, fresh{0, 1};
  Bits background{0.7}, inside{0.2}, known{0.9}, none{0}, first{0};
  Bits differs{0}, candidates{0}, fits{1}, agrees{0.7}, learns{0.7}, low{0}, middle{0}, high{0};
};

void levels_kernel(Room& room, int y) {
  levels_row({room.matte.row(y), 3, {0.1F, 0.5F, 0.9F}, {room.low.row(y), room.middle.row(y), room.high.row(y)}},
             kWidth);
}
void levels_scalar(Room& room, int y) {
  const float* matte = room.matte.row(y);
  for (int x = 0; x < kWidth; ++x) {
    put(matte[x] >= 0.1F, room.low.row(y), x);
    put(matte[x] >= 0.5F, room.middle.row(y), x);
    put(matte[x] >= 0.9F, room.high.row(y), x);
  }
}

void difference_kernel(Room& room, int y) {
  difference_row({room.picture_y.row(y), room.y.row(y), 1.1F, 3, room.difference.row(y)}, kWidth);
}
void difference_scalar(Room& room, int y) {
  const auto* picture = room.picture_y.row(y);
  const auto* mean = room.y.row(y);
  auto* out = room.difference.row(y);
  for (int x = 0; x < kWidth; ++x) out[x] = static_cast<std::int16_t>(picture[x] * 8 - 24 - (mean[x] * 4506 >> 16));
}

void evidence_kernel(Room& room, int y) {
  evidence_row(
      {room.sum_y.row(y), room.sum_u.row(y), room.sum_v.row(y), room.picture_y.row(y), room.picture_u.row(y),
       room.picture_v.row(y), room.noise_y.row(y), room.noise_c.row(y), room.known.row(y), room.evidence.row(y),
       room.differs.row(y), room.candidates.row(y), room.fits.row(y), room.agrees.row(y)},
      kWidth);
}
float shadow_of(float luma, float u, float v, float dy, float du, float dv, float weight) {
  const float shade = (luma - 16) / std::max(luma - 16 - dy, 1.0F);
  if (shade >= 1) return 0;
  const float off_u = du - (shade - 1) * (u - 128 - du), off_v = dv - (shade - 1) * (v - 128 - dv);
  const float tint = (off_u * off_u + off_v * off_v) * weight;
  return std::clamp((shade - kShadowDarkest) / (kShadowSure - kShadowDarkest), 0.0F, 1.0F) *
         std::clamp(2 - 2 * tint / kShadowTint, 0.0F, 1.0F);
}
void evidence_scalar(Room& room, int y) {
  const auto box = [&](auto& plane, int x) {
    const auto* at = plane.row(y) + x;
    return float(at[-1] + at[0] + at[1]) / 72;
  };
  for (int x = 0; x < kWidth; ++x) {
    const float dy = box(room.sum_y, x), du = box(room.sum_u, x), dv = box(room.sum_v, x);
    const float weight = 1 / (float(room.noise_c.row(y)[x]) / 256 + kFloorC);
    float far = dy * dy / (float(room.noise_y.row(y)[x]) / 256 + kFloorY) + (du * du + dv * dv) * weight;
    float ratio = std::clamp(far / 2 - kEvenDistance, -kMostNegative, kMostPositive);
    if (ratio > 0)
      ratio *= 1 - shadow_of(room.picture_y.row(y)[x], room.picture_u.row(y)[x], room.picture_v.row(y)[x], dy, du, dv,
                             weight);
    const bool known = test(room.known.row(y), x);
    if (!known) far = ratio = 0;
    room.evidence.row(y)[x] = ratio;
    put(far >= kDiffers, room.differs.row(y), x);
    put(far >= 2 * kEvenDistance, room.candidates.row(y), x);
    put(far < kFits, room.fits.row(y), x);
    put(known && far < kAgrees, room.agrees.row(y), x);
  }
}

void fuse_kernel(Room& room, int y) {
  std::copy_n(room.fresh.row(y), kWidth, room.matte.row(y));
  fuse_row({room.evidence.row(y), room.trust.row(y), room.inside.row(y), room.inside.row(y), room.known.row(y),
            room.matte.row(y)},
           kWidth);
}
void fuse_scalar(Room& room, int y) {
  std::copy_n(room.fresh.row(y), kWidth, room.matte.row(y));
  for (int x = 0; x < kWidth; ++x) {
    float& trust = room.trust.row(y)[x];
    if (!test(room.known.row(y), x)) trust = 0;
    if (trust <= 0) continue;
    float ratio = room.evidence.row(y)[x];
    const bool inside = test(room.inside.row(y), x);
    if (inside ? ratio < 0 : ratio > 0) ratio = 0;
    float& matte = room.matte.row(y)[x];
    const float p = std::clamp(matte, kLeastMatte, 1 - kLeastMatte);
    const float odds = (1 - (1 - kMatteWeight) * trust) * std::log(p / (1 - p)) + ratio * trust;
    matte = 1 / (1 + std::exp(-odds));
  }
}

void decide_kernel(Room& room, int y) {
  decide_row({room.background.row(y), room.background.row(y), room.background.row(y), room.inside.row(y),
              room.none.row(y), room.none.row(y), room.fits.row(y), room.agrees.row(y), 2, room.samples.row(y),
              room.contrary.row(y), room.learns.row(y), room.first.row(y), room.known.row(y)},
             kWidth);
}
void decide_scalar(Room& room, int y) {
  for (int x = 0; x < kWidth; ++x) {
    std::uint8_t &samples = room.samples.row(y)[x], &contrary = room.contrary.row(y)[x];
    const bool background = test(room.background.row(y), x), agrees = test(room.agrees.row(y), x);
    const bool ghost = test(room.none.row(y), x);
    const bool taken = background && (test(room.fits.row(y), x) || samples < kYoungSamples);
    const bool denied = background && !taken;
    const bool strange = background && test(room.none.row(y), x);
    if (denied || strange || ghost || (test(room.inside.row(y), x) && agrees))
      contrary = static_cast<std::uint8_t>(std::min(contrary + (ghost ? 2 * kGhostHaste : 2), 255));
    else if (taken || (background && agrees))
      contrary = 0;
    const bool over = contrary > kPatienceBeats;
    if (over) samples = contrary = 0;
    const bool learns = taken || (over && denied);
    put(learns, room.learns.row(y), x);
    put(learns && samples == 0, room.first.row(y), x);
    if (learns) samples = static_cast<std::uint8_t>(std::min(samples + 1, kMostSamples));
    put(samples >= kKnownSamples, room.known.row(y), x);
  }
}

void learn_kernel(Room& room, int y) {
  learn_row({room.picture_y.row(y), room.picture_u.row(y), room.picture_v.row(y), room.background.row(y),
             room.none.row(y), room.samples.row(y), 1.1F, 3, 1, -1, room.y.row(y), room.u.row(y), room.v.row(y),
             room.noise_y.row(y), room.noise_c.row(y)},
            kWidth);
}
void learn_scalar(Room& room, int y) {
  const auto rounded = [](float value) { return static_cast<std::uint16_t>(value + 0.5F); };
  for (int x = 0; x < kWidth; ++x) {
    if (!test(room.background.row(y), x)) continue;
    const float rate = std::max(1 / float(room.samples.row(y)[x]), kLeastRate);
    auto &mean_y = room.y.row(y)[x], &mean_u = room.u.row(y)[x], &mean_v = room.v.row(y)[x];
    auto &noise_y = room.noise_y.row(y)[x], &noise_c = room.noise_c.row(y)[x];
    const float off_y = float(room.picture_y.row(y)[x] * 8 - 24 - (mean_y * 4506 >> 16)) * (0.125F / 1.1F);
    const float off_u = float(room.picture_u.row(y)[x] * 8 - 8 - (mean_u * 4096 >> 16)) * 0.125F;
    const float off_v = float(room.picture_v.row(y)[x] * 8 + 8 - (mean_v * 4096 >> 16)) * 0.125F;
    const auto moved = [&](float old, float square) { return old + rate * (square * 256 * (1 - rate) - old); };
    noise_y = rounded(moved(noise_y, off_y * off_y));
    noise_c = rounded(moved(noise_c, (off_u * off_u + off_v * off_v) / 2));
    mean_y = rounded(float(mean_y) + off_y * rate * 128);
    mean_u = rounded(float(mean_u) + off_u * rate * 128);
    mean_v = rounded(float(mean_v) + off_v * rate * 128);
  }
}

void show_kernel(Room& room, int y) { show_row({room.y.row(y), 1.1F, 3, room.shown.row(y)}, kWidth); }
void show_scalar(Room& room, int y) {
  const auto* mean = room.y.row(y);
  auto* out = room.shown.row(y);
  for (int x = 0; x < kWidth; ++x)
    out[x] = static_cast<std::uint8_t>(std::clamp(float(mean[x]) * (1.1F / 128) + 3.5F, 0.0F, 255.0F));
}

template <class Work>
void for_rows(benchmark::State& state, const Work& work) {
  Room room;
  for (auto _ : state) {
    for (int y = 0; y < kHeight; ++y) work(room, y);
    benchmark::ClobberMemory();
  }
}

/// `bytes` that a cell is read and written of.
void copy(benchmark::State& state, double bytes) {
  const std::vector<char> from(static_cast<std::size_t>(bytes / 2 * double(kCells)), 1);
  std::vector<char> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size());
    benchmark::ClobberMemory();
  }
}

void add(const std::string& name, void (*kernel)(Room&, int), void (*scalar)(Room&, int), double bytes) {
  const auto size = "/" + std::to_string(kWidth) + "x" + std::to_string(kHeight);
  const auto one = [&](const std::string& what, auto work) {
    benchmark::RegisterBenchmark((what + size).c_str(), work)->Unit(benchmark::kMicrosecond);
  };
  one(name, [kernel](benchmark::State& state) { for_rows(state, kernel); });
  one(name + "_scalar", [scalar](benchmark::State& state) { for_rows(state, scalar); });
  one(name + "_memcpy", [bytes](benchmark::State& state) { copy(state, bytes); });
}

const bool registered = [] {
  add("room_levels", levels_kernel, levels_scalar, 4 + 3.0 / 8);
  add("room_difference", difference_kernel, difference_scalar, 1 + 2 + 2);
  add("room_evidence", evidence_kernel, evidence_scalar, 3 * 2 + 3 + 2 * 2 + 4 + 5.0 / 8);
  add("room_fuse", fuse_kernel, fuse_scalar, 6 * 4 + 4.0 / 8);
  add("room_decide", decide_kernel, decide_scalar, 4 + 11.0 / 8);
  add("room_learn", learn_kernel, learn_scalar, 4 + 2 * 5 * 2 + 2.0 / 8);
  add("room_show", show_kernel, show_scalar, 2 + 1);
  return true;
}();

}  // namespace
