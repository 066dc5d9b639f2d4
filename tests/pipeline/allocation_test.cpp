// In the steady state a frame allocates nothing. The whole program's allocator is counted, so this
// test is a program of its own.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <set>

#include <gtest/gtest.h>

#include <viba/pipeline.h>

#include "composite/compositor.h"
#include "media/area_scaler.h"
#include "refine/matte_refiner.h"
#include "refine/person_picker.h"
#include "segment/cropping_segmenter.h"
#include "support/fakes.h"

extern "C" {
void* __libc_malloc(std::size_t);                 // NOLINT: glibc's own names
void* __libc_calloc(std::size_t, std::size_t);    // NOLINT
void* __libc_realloc(void*, std::size_t);         // NOLINT
void* __libc_memalign(std::size_t, std::size_t);  // NOLINT
}

namespace {
std::atomic<int> allocations{0};
}

extern "C" {
void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) {
  ++allocations;
  return __libc_realloc(old, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  ++allocations;
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? 12 : 0;
}
}

namespace viba {
namespace {

using namespace test;

/// Reads the counter when the frames of the steady state begin and when they end. Frames before the
/// first mask do not count.
class CountingSink final : public Sink {
 public:
  static constexpr int kFrom = 50;
  static constexpr int kTo = 450;
  explicit CountingSink(int& counted) : counted_(counted) {}
  std::string name() const override { return "a counter"; }
  bool live() const override { return false; }
  Result<void> write(const SafeFrame& safe) override {
    if (shown_ == 0 && !shows_camera(safe.frame())) return {};
    ++shown_;
    if (shown_ == kFrom) start_ = allocations;
    if (shown_ < kTo) return {};
    counted_ = allocations - start_;
    return fail(ErrorCode::kClosed, "Enough.");
  }

 private:
  static bool shows_camera(const Frame& frame) {
    for (int x = 0; x < kSceneSize.width; ++x)
      if (is(pixel(frame, x, kPersonTop + 4), kPerson)) return true;
    return false;
  }

  int& counted_;
  int shown_ = 0;
  int start_ = 0;
};

/// How many allocations there were in the sink's steady state.
int run_counted(const Options& options, FakeSource::Kind kind) {
  int counted = -1;
  Stages stages;
  stages.source = std::make_unique<FakeSource>(50'000, kind);
  stages.segmenter = std::make_unique<FakeSegmenter>();
  stages.refiner = *make_refiner({}, 0.5, Log{});
  stages.compositor = *make_compositor(options, kSceneSize, {});
  stages.sinks.push_back(std::make_unique<CountingSink>(counted));
  EXPECT_TRUE(Pipeline(std::move(stages), options, {}).run({}));
  return counted;
}

// Threads may meet so late that the pools grow to their largest number in flight only then: three
// allocations for a buffer, a few buffers, once. Anything per frame would show as hundreds.
constexpr int kLateGrowth = 12;

class SteadyState : public testing::TestWithParam<std::tuple<const char*, MaskMode>> {};

TEST_P(SteadyState, AllocatesNothingPerFrame) {
  const auto [background, mode] = GetParam();
  Options options;
  options.background = background;
  options.light_wrap = 1;  // so little that the person is still known by its colour
  options.mask_mode = mode;
  options.max_mask_age = std::chrono::hours(24);  // this source's frames come faster than their time stamps say
  const int counted = run_counted(options, FakeSource::Kind::kFile);
  EXPECT_LE(counted, kLateGrowth) << "in " << CountingSink::kTo - CountingSink::kFrom << " frames";
  EXPECT_GE(counted, 0) << "the frames were not seen";
}

INSTANTIATE_TEST_SUITE_P(All, SteadyState,
                         testing::Combine(testing::Values("color:#0000ff", "office"),
                                          testing::Values(MaskMode::kEveryFrame, MaskMode::kLatest, MaskMode::kAuto)));

TEST(Budget, OfTheProcessorAllocatesNothingPerFrame) {
  Options options;
  options.background = "color:#0000ff";
  options.max_cpu = 10'000;
  options.max_mask_age = std::chrono::hours(24);
  const int counted = run_counted(options, FakeSource::Kind::kLive);
  EXPECT_LE(counted, kLateGrowth);
  EXPECT_GE(counted, 0) << "the frames were not seen";
}

/// What is nearer to the person's luma than to the room's, of what it is shown, on a grid.
class ScalingSegmenter final : public Segmenter {
 public:
  static constexpr Size kGrid{16, 16};
  std::string name() const override { return "a test's network"; }
  Result<void> segment(const Frame& frame, Confidence& confidence) override {
    confidence.size = kGrid;
    confidence.values.resize(std::size_t{16} * 16);
    scaler_.scale(frame.y(), confidence.values);
    for (float& value : confidence.values) value = value < (kPerson.y + kRoom.y) / 2.0F ? 1 : 0;
    return {};
  }

 private:
  AreaScaler scaler_{kGrid};
};

TEST(Crops, OfEverySizeAllocateNothing) {
  FramePool pool;
  CroppingSegmenter segmenter(std::make_unique<ScalingSegmenter>(), ScalingSegmenter::kGrid, 0.5);
  Confidence confidence;
  std::set<std::pair<int, int>> sizes;
  const auto look = [&](std::uint64_t sequence) {
    const int before = allocations;
    EXPECT_TRUE(segmenter.segment(scene(pool, {.sequence = sequence}), confidence));
    const int after = allocations;
    if (confidence.area) sizes.emplace(confidence.area->size.width, confidence.area->size.height);
    return after - before;
  };
  look(0);
  int counted = 0;
  for (std::uint64_t i = 1; i < 100; ++i) counted += look(i);
  EXPECT_EQ(counted, 0);
  EXPECT_GE(sizes.size(), 3U) << "the parts hardly changed";
}

TEST(MainPerson, IsPickedWithoutAllocating) {
  constexpr Size kGrid{64, 36};
  PersonPicker picker;
  std::vector<float> matte(std::size_t{64} * 36);
  int start = 0;
  for (int i = 0; i < 100; ++i) {
    std::ranges::fill(matte, 0.0F);
    for (int person = 0; person < 1 + i % 5; ++person)
      for (int y = 10; y < 30; ++y) std::fill_n(matte.begin() + y * kGrid.width + 12 * person, 9 - person, 1.0F);
    picker.run(matte, kGrid);
    if (i == 0) start = allocations;
  }
  EXPECT_EQ(allocations - start, 0);
}

TEST(Counter, SeesAnAllocation) {
  const int before = allocations;
  const auto something = std::make_unique<std::vector<int>>(100);
  EXPECT_GE(allocations - before, 2);
}

}  // namespace
}  // namespace viba
