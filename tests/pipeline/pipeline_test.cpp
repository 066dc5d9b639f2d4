#include <viba/pipeline.h>

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "composite/compositor.h"
#include "refine/matte_refiner.h"
#include "support/fakes.h"

namespace viba {
namespace {

using namespace test;

Stages well(std::uint64_t frames, const std::shared_ptr<FakeSink::Kept>& kept) {
  Options options;
  options.background = kBackgroundOption;
  Stages stages;
  stages.source = std::make_unique<FakeSource>(frames);
  stages.segmenter = std::make_unique<FakeSegmenter>();
  stages.refiner = *make_refiner({}, 0.5, Log{});
  stages.compositor = *make_compositor(options, kSceneSize, {});
  stages.sinks.push_back(std::make_unique<FakeSink>(kept));
  return stages;
}

class EveryMode : public testing::TestWithParam<MaskMode> {};

TEST_P(EveryMode, FromAFileNoFrameIsLostAndTheOrderKept) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  Options options;
  options.mask_mode = GetParam();
  const auto total = Pipeline(well(500, kept), options, {}).run({});
  ASSERT_TRUE(total) << total.error().message;
  ASSERT_EQ(kept->frames.size(), 500U);
  for (std::uint64_t i = 0; i < 500; ++i) ASSERT_EQ(kept->frames[i].frame().info().sequence, i);
  EXPECT_EQ(kept->finished, 1);
  EXPECT_EQ(total->frames_in, 500U);
  EXPECT_EQ(total->frames_out, 500U);
  EXPECT_EQ(total->dropped, 0U);
}

INSTANTIATE_TEST_SUITE_P(All, EveryMode, testing::Values(MaskMode::kAuto, MaskMode::kEveryFrame, MaskMode::kLatest));

TEST(Pipeline, PicturesThatTheSourceLeftOutAreCounted) {
  const auto total = Pipeline(well(9, std::make_shared<FakeSink::Kept>()), {}, {}).run({});
  ASSERT_TRUE(total);
  EXPECT_EQ(total->skipped, 5U) << "half of the ten reads";
  EXPECT_THAT(describe(*total), testing::HasSubstr("5 came damaged"));
}

TEST(Pipeline, EveryFrameHasAMaskOfItsOwn) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  const auto total = Pipeline(well(50, kept), {}, {}).run({});
  ASSERT_TRUE(total);
  EXPECT_EQ(total->masks, 50U);
  EXPECT_EQ(total->placeholders, 0U);
}

/// Counts what it is asked for.
class AskedRefiner final : public Refiner {
 public:
  struct Asked {
    int forget = 0, learn = 0;
  };
  explicit AskedRefiner(std::shared_ptr<Asked> asked) : asked_(std::move(asked)) {}
  Result<Matte> refine(const Frame& frame, const Confidence&) override {
    return pool_.acquire(frame.size()).map([&](MutableMatte&& matte) { return std::move(matte).freeze(frame.info()); });
  }
  void forget_room() override { ++asked_->forget; }
  void learn_room() override { ++asked_->learn; }

 private:
  std::shared_ptr<Asked> asked_;
  MattePool pool_;
};

TEST(Pipeline, TheRefinerIsToldWhatASinksUserAsksFor) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  const auto asked = std::make_shared<AskedRefiner::Asked>();
  Stages stages = well(9, kept);
  stages.refiner = std::make_unique<AskedRefiner>(asked);
  auto sink = std::make_unique<FakeSink>(kept);
  sink->requests = {{2, Sink::Request::kForgetRoom}, {4, Sink::Request::kLearnRoom}, {6, Sink::Request::kForgetRoom}};
  stages.sinks.push_back(std::move(sink));
  ASSERT_TRUE(Pipeline(std::move(stages), {}, {}).run({}));
  EXPECT_EQ(asked->forget, 2);
  EXPECT_EQ(asked->learn, 1);
}

TEST(Pipeline, TheRoomMayBeForgottenFromAnyThread) {
  const auto asked = std::make_shared<AskedRefiner::Asked>();
  Stages stages = well(50, std::make_shared<FakeSink::Kept>());
  stages.refiner = std::make_unique<AskedRefiner>(asked);
  Pipeline pipeline(std::move(stages), {}, {});
  std::jthread other([&] {
    for (int i = 0; i < 100; ++i) pipeline.forget_room();
    pipeline.learn_room();
  });
  ASSERT_TRUE(pipeline.run({}));
  other.join();
  EXPECT_EQ(asked->forget, 100);
  EXPECT_EQ(asked->learn, 1);
}

TEST(Pipeline, SeveralSinksGetTheSameFrames) {
  const auto one = std::make_shared<FakeSink::Kept>();
  const auto two = std::make_shared<FakeSink::Kept>();
  Stages stages = well(5, one);
  stages.sinks.push_back(std::make_unique<FakeSink>(two));
  ASSERT_TRUE(Pipeline(std::move(stages), {}, {}).run({}));
  ASSERT_EQ(two->frames.size(), 5U);
  EXPECT_EQ(one->frames[4].frame().y().data, two->frames[4].frame().y().data);
}

TEST(Pipeline, AFailingSinkEndsTheRunWithItsErrorAndIsNotFinished) {
  const auto good = std::make_shared<FakeSink::Kept>();
  const auto bad = std::make_shared<FakeSink::Kept>();
  Stages stages = well(100, good);
  stages.sinks.push_back(std::make_unique<FakeSink>(bad, [](const SafeFrame& frame) -> Result<void> {
    if (frame.frame().info().sequence < 3) return {};
    return fail(ErrorCode::kIo, "The disk is full.");
  }));
  const auto total = Pipeline(std::move(stages), {}, {}).run({});
  ASSERT_FALSE(total);
  EXPECT_EQ(total.error().message, "The disk is full.");
  EXPECT_EQ(good->finished, 1);
  EXPECT_EQ(bad->finished, 0);
}

TEST(Pipeline, ASinkThatClosesEndsTheRunInGoodOrder) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  Stages stages = well(100, kept);
  stages.sinks.push_back(
      std::make_unique<FakeSink>(kept, [](const SafeFrame&) { return fail(ErrorCode::kClosed, "Closed."); }));
  EXPECT_TRUE(Pipeline(std::move(stages), {}, {}).run({}));
  EXPECT_EQ(kept->frames.size(), 1U);
}

TEST(Pipeline, AStopEndsAnEndlessSource) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  Stages stages = well(std::numeric_limits<std::uint64_t>::max(), kept);
  std::stop_source stop;
  stages.sinks.push_back(
      std::make_unique<FakeSink>(std::make_shared<FakeSink::Kept>(), [&](const SafeFrame& frame) -> Result<void> {
        if (frame.frame().info().sequence == 20) stop.request_stop();
        return {};
      }));
  ASSERT_TRUE(Pipeline(std::move(stages), {}, {}).run(stop.get_token()));
  EXPECT_EQ(kept->frames.size(), 21U);
  EXPECT_EQ(kept->finished, 1);
}

TEST(Pipeline, AStopEndsASourceThatHangs) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  Stages stages = well(1, kept);
  std::stop_source stop;
  auto source = std::make_unique<FakeSource>(5, FakeSource::Kind::kLive);
  source->instead[1] = [&](const std::stop_token& asked) -> Result<std::optional<Frame>> {
    stop.request_stop();
    while (!asked.stop_requested()) std::this_thread::yield();
    return std::nullopt;
  };
  stages.source = std::move(source);
  EXPECT_TRUE(Pipeline(std::move(stages), {}, {}).run(stop.get_token()));
}

TEST(Pipeline, StatisticsNameEachStageInOrder) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  const auto total = Pipeline(well(20, kept), {}, {}).run({});
  ASSERT_TRUE(total);
  std::vector<std::string_view> names;
  for (const auto& stage : total->stages) {
    names.push_back(stage.name);
    EXPECT_GE(stage.p95_ms, stage.median_ms);
  }
  EXPECT_THAT(names, testing::ElementsAre("capture", "segment", "refine", "composite", "sinks"));
}

}  // namespace
}  // namespace viba
