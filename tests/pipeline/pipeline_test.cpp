#include <viba/pipeline.h>

#include <array>
#include <condition_variable>
#include <mutex>
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

/// Something that one thread waits for and another one does.
class Event {
 public:
  void happen() {
    const std::scoped_lock lock(mutex_);
    happened_ = true;
    changed_.notify_all();
  }
  bool happens() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return happened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

/// Does something before it refines a frame.
class WaitingRefiner final : public Refiner {
 public:
  explicit WaitingRefiner(std::function<void(std::uint64_t)> before) : before_(std::move(before)) {}
  Result<Matte> refine(const Frame& frame, const Confidence& confidence) override {
    before_(frame.info().sequence);
    return refiner_->refine(frame, confidence);
  }

 private:
  std::function<void(std::uint64_t)> before_;
  std::unique_ptr<Refiner> refiner_ = *make_refiner({}, 0.5, Log{});
};

TEST(FromFileToFile, TheNetworkLooksAtTheNextFrameMeanwhile) {
  const auto looked = std::make_shared<std::array<Event, 3>>();
  auto stages = well(3, std::make_shared<FakeSink::Kept>());
  stages.segmenter = std::make_unique<FakeSegmenter>([=](const Frame& frame, Confidence& confidence) -> Result<void> {
    (*looked)[frame.info().sequence].happen();
    true_confidence(frame, confidence);
    return {};
  });
  stages.refiner = std::make_unique<WaitingRefiner>(
      [=](std::uint64_t frame) { EXPECT_TRUE((*looked)[std::min<std::uint64_t>(frame + 1, 2)].happens()) << frame; });
  const auto total = Pipeline(std::move(stages), {}, {}).run({});
  ASSERT_TRUE(total);
  EXPECT_EQ(total->masks, 3U) << "each frame is looked at once";
}

TEST(FromFileToFile, AFrameIsWrittenWhileTheNextOnesAreMade) {
  const auto refined = std::make_shared<std::array<Event, 3>>();
  const auto kept = std::make_shared<FakeSink::Kept>();
  auto stages = well(3, kept);
  stages.refiner = std::make_unique<WaitingRefiner>([=](std::uint64_t frame) { (*refined)[frame].happen(); });
  stages.sinks[0] = std::make_unique<FakeSink>(kept, [=](const SafeFrame& safe) -> Result<void> {
    const auto next = std::min<std::uint64_t>(safe.frame().info().sequence + 1, 2);
    EXPECT_TRUE((*refined)[next].happens()) << next;
    return {};
  });
  ASSERT_TRUE(Pipeline(std::move(stages), {}, {}).run({}));
  EXPECT_EQ(kept->frames.size(), 3U);
}

TEST(FromFileToFile, AnOutputThatCannotBeWrittenEndsTheRun) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  auto stages = well(1'000'000, kept);
  stages.sinks[0] = std::make_unique<FakeSink>(kept, [](const SafeFrame& safe) -> Result<void> {
    if (safe.frame().info().sequence < 5) return {};
    return fail(ErrorCode::kIo, "The disk is full.");
  });
  const auto total = Pipeline(std::move(stages), {}, {}).run({});
  ASSERT_FALSE(total);
  EXPECT_EQ(total.error().message, "The disk is full.");
  EXPECT_EQ(kept->frames.size(), 5U);
  EXPECT_EQ(kept->finished, 0) << "what failed must not look whole";
}

TEST(FromFileToFile, TheLastFrameThatCannotBeWrittenIsAFailureToo) {
  const auto kept = std::make_shared<FakeSink::Kept>();
  auto stages = well(5, kept);
  stages.sinks[0] = std::make_unique<FakeSink>(kept, [](const SafeFrame& safe) -> Result<void> {
    if (safe.frame().info().sequence < 4) return {};
    return fail(ErrorCode::kIo, "The disk is full.");
  });
  EXPECT_FALSE(Pipeline(std::move(stages), {}, {}).run({}));
}

/// A network that remembers: says which frames it saw since it was told to forget.
class RememberingSegmenter final : public Segmenter {
 public:
  using Seen = std::vector<std::vector<std::uint64_t>>;
  explicit RememberingSegmenter(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) { seen_->emplace_back(); }
  std::string name() const override { return "a test's network"; }
  void reset() override { seen_->emplace_back(); }
  Result<void> segment(const Frame& frame, Confidence& confidence) override {
    seen_->back().push_back(frame.info().sequence);
    true_confidence(frame, confidence);
    return {};
  }

 private:
  std::shared_ptr<Seen> seen_;
};

TEST(FromFileToFile, ANetworkForgetsBetweenTheFramesOfTwoScenes) {
  const auto seen = std::make_shared<RememberingSegmenter::Seen>();
  auto stages = well(6, std::make_shared<FakeSink::Kept>());
  auto source = std::make_unique<FakeSource>(6, FakeSource::Kind::kShaky);
  source->instead[3] = [](const auto&) { return fail(ErrorCode::kIo, "The stick was pulled out."); };
  stages.source = std::move(source);
  stages.segmenter = std::make_unique<RememberingSegmenter>(seen);
  ASSERT_TRUE(Pipeline(std::move(stages), {}, {}).run({}));
  EXPECT_EQ(*seen, (RememberingSegmenter::Seen{{0, 1, 2}, {4, 5}}));
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
  EXPECT_GE(kept->frames.size(), 21U);
  EXPECT_LE(kept->frames.size(), 23U) << "more than were under way";
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
