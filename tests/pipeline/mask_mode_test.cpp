#include "pipeline/mask_mode.h"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "pipeline/mattes.h"
#include "refine/matte_refiner.h"
#include "support/fakes.h"

namespace viba {
namespace {

constexpr Milliseconds kInterval{33};

std::optional<MaskMode> observe_many(ModeSwitch& mode, double cost, int times) {
  std::optional<MaskMode> change;
  for (int i = 0; i < times; ++i)
    if (const auto now = mode.observe(Milliseconds(cost))) change = now;
  return change;
}

TEST(ModeSwitch, StaysWithEveryFrameWhileItFits) {
  ModeSwitch mode(kInterval);
  EXPECT_EQ(observe_many(mode, 20, 1000), std::nullopt);
  EXPECT_EQ(mode.mode(), MaskMode::kEveryFrame);
}

TEST(ModeSwitch, ChangesOverWhenMasksCostTooMuchAndBackWhenThereIsRoom) {
  ModeSwitch mode(kInterval);
  EXPECT_EQ(observe_many(mode, 60, 50), MaskMode::kLatest);
  EXPECT_EQ(observe_many(mode, 28, 200), std::nullopt) << "between the bounds nothing changes";
  EXPECT_EQ(observe_many(mode, 10, 100), MaskMode::kEveryFrame);
}

TEST(ModeSwitch, OneSlowFrameChangesNothing) {
  ModeSwitch mode(kInterval);
  observe_many(mode, 10, 100);
  EXPECT_EQ(mode.observe(Milliseconds(200)), std::nullopt);
  EXPECT_EQ(observe_many(mode, 10, 100), std::nullopt);
}

TEST(ModeSwitch, DoesNotFlutter) {
  ModeSwitch mode(kInterval);
  int changes = 0;
  for (int i = 0; i < 1000; ++i)
    if (mode.observe(Milliseconds(i % 2 == 0 ? 25 : 36))) ++changes;
  EXPECT_LE(changes, 1);
}

TEST(ModeSwitch, WithoutHurryEveryFrameWaits) {
  ModeSwitch mode(Milliseconds{0});
  EXPECT_EQ(observe_many(mode, 1e6, 100), std::nullopt);
}

TEST(Mattes, AutoChangesOverSaysSoAndKeepsAMaskInHand) {
  test::FakeSegmenter segmenter;
  const auto refiner = *make_refiner({}, 0.5, Log{});
  Meter meter;
  MatteMaker maker(segmenter, *refiner, meter);
  std::vector<std::string> said;
  const Log log([&](LogLevel, std::string_view text) { said.emplace_back(text); });
  Mattes mattes(maker, {.frame_interval = Milliseconds(1e-6)}, log);
  FramePool pool;
  for (std::uint64_t i = 0; said.empty() && i < 100; ++i) {
    ASSERT_EQ(mattes.for_frame(test::scene(pool, {.sequence = i}))->info().sequence, i);
    mattes.observe(Milliseconds(1));
  }
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(mattes.for_frame(test::scene(pool, {.sequence = 100}))) << "no gap at the change";
}

/// Waits inside `segment` until it is let go.
class HeldSegmenter final : public Segmenter {
 public:
  std::string name() const override { return "held"; }
  Result<void> segment(const Frame& /*frame*/, Confidence& confidence) override {
    entered.release();
    go.acquire();
    confidence = {.size = {1, 1}, .values = {1}};
    return {};
  }
  void reset() override { ++resets; }

  std::counting_semaphore<> entered{0}, go{0};
  std::atomic<int> resets = 0;
};

TEST(Mattes, WhatWasBegunBeforeAResetDoesNotComeBack) {
  HeldSegmenter segmenter;
  const auto refiner = *make_refiner({}, 0.5, Log{});
  Meter meter;
  MatteMaker maker(segmenter, *refiner, meter);
  FramePool pool;
  Mattes mattes(maker, {.mode = MaskMode::kLatest}, {});
  EXPECT_FALSE(mattes.for_frame(test::scene(pool, {.sequence = 1})));
  segmenter.entered.acquire();  // the first frame is being worked on ...
  EXPECT_FALSE(mattes.for_frame(test::scene(pool, {.sequence = 2})));
  std::thread resetting([&] { mattes.reset(); });
  segmenter.go.release();
  segmenter.entered.acquire();  // ... and now the second, which waited in the slot
  segmenter.go.release();
  resetting.join();
  EXPECT_FALSE(mattes.for_frame(test::scene(pool, {.sequence = 3}))) << "a mask of the scene that is gone";
  segmenter.entered.acquire();  // the worker is done with the first two
  EXPECT_FALSE(mattes.for_frame(test::scene(pool, {.sequence = 4}))) << "a mask of the scene that is gone";
  EXPECT_GE(segmenter.resets, 1);
  segmenter.go.release(4);
}

}  // namespace
}  // namespace viba
