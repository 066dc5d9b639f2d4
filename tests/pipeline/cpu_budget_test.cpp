#include "pipeline/cpu_budget.h"

#include <stdexcept>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "composite/compositor.h"
#include "pipeline/frame_loop.h"
#include "pipeline/switching_segmenter.h"
#include "refine/matte_refiner.h"
#include "support/fakes.h"

namespace viba {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using Verdict = CpuGovernor::Verdict;

constexpr double kAllowed = 20;

/// What was decided, beside staying, while that was used for so many seconds.
std::vector<Verdict> observe_many(CpuGovernor& governor, double used, int seconds) {
  std::vector<Verdict> decided;
  for (int i = 0; i < seconds; ++i)
    if (const auto verdict = governor.observe(used); verdict != Verdict::kStay) decided.push_back(verdict);
  return decided;
}

TEST(CpuGovernor, SavesNothingWhileTheUseIsAllowed) {
  CpuGovernor governor(kAllowed, 5);
  EXPECT_THAT(observe_many(governor, 19.9, 1000), IsEmpty());
}

TEST(CpuGovernor, SavesOneStepAfterTheOtherUntilItFits) {
  CpuGovernor governor(kAllowed, 5);
  const double uses[] = {40, 30, 18, 10, 5};
  for (int i = 0; i < 100; ++i) (void)governor.observe(uses[governor.step()]);
  EXPECT_EQ(governor.step(), 2U);
}

TEST(CpuGovernor, ABusySecondChangesNothing) {
  CpuGovernor governor(kAllowed, 5);
  observe_many(governor, 5, 10);
  EXPECT_EQ(governor.observe(30), Verdict::kStay);
  EXPECT_THAT(observe_many(governor, 5, 10), IsEmpty());
}

TEST(CpuGovernor, TheSecondOfAChangeDoesNotCount) {
  CpuGovernor governor(kAllowed, 5);
  EXPECT_THAT(observe_many(governor, 30, 3), ElementsAre(Verdict::kSaveMore));
  EXPECT_EQ(governor.observe(500), Verdict::kStay) << "as when a network is opened";
  EXPECT_THAT(observe_many(governor, 10, 3), IsEmpty());
}

TEST(CpuGovernor, SaysOnceThatNothingIsLeft) {
  CpuGovernor governor(kAllowed, 2);
  EXPECT_THAT(observe_many(governor, 50, 100), ElementsAre(Verdict::kSaveMore, Verdict::kNothingLeft));
  EXPECT_EQ(governor.step(), 1U);
}

TEST(CpuGovernor, GoesBackWhenWhatTheRicherStepUsedWouldFit) {
  CpuGovernor governor(kAllowed, 3);
  observe_many(governor, 30, 3);
  observe_many(governor, 20, 3);  // so the richer step costs one and a half times as much
  ASSERT_EQ(governor.step(), 1U);
  EXPECT_THAT(observe_many(governor, 12.5, 100), IsEmpty()) << "18.75% would be over 90% of what is allowed";
  EXPECT_THAT(observe_many(governor, 11, 10), ElementsAre(Verdict::kSaveLess));
  EXPECT_EQ(governor.step(), 0U);
}

TEST(CpuGovernor, DoesNotGoToAndFro) {
  CpuGovernor governor(kAllowed, 5);
  // The worst there is: as soon as more is saved, far less is used than the saving explains, and no sooner.
  int changes = 0;
  for (int second = 0; second < 3600; ++second)
    if (governor.observe(governor.step() == 0 ? 25 : 1) != Verdict::kStay) ++changes;
  EXPECT_LE(changes, 40) << "in an hour";
}

TEST(CpuGovernor, AStepThatDoesNotExistIsPassedOver) {
  CpuGovernor governor(kAllowed, 3);
  observe_many(governor, 30, 3);
  ASSERT_EQ(governor.step(), 1U);
  governor.remove(1);
  EXPECT_EQ(governor.step(), 0U);
  EXPECT_THAT(observe_many(governor, 30, 3), ElementsAre(Verdict::kSaveMore));
  EXPECT_EQ(governor.step(), 1U);
  EXPECT_THAT(observe_many(governor, 30, 3), ElementsAre(Verdict::kNothingLeft));
}

constexpr Milliseconds kInterval{1000.0 / 30};

Thrift thrift(int mask_every, int frame_every = 1, bool lighter = false) {
  return {.mask_every = mask_every, .frame_every = frame_every, .lighter = lighter};
}

TEST(Thrift, BeginsWithTheMasksThenTakesTheNetworkThenTheFrames) {
  EXPECT_THAT(thrift_steps({.frame_interval = kInterval, .lighter = true}),
              ElementsAre(thrift(1), thrift(2), thrift(3), thrift(4), thrift(4, 1, true), thrift(2, 2, true),
                          thrift(1, 4, true)));
  EXPECT_THAT(thrift_steps({.frame_interval = kInterval}),
              ElementsAre(thrift(1), thrift(2), thrift(3), thrift(4), thrift(2, 2), thrift(1, 4)));
}

TEST(Thrift, LeavesEachFrameItsOwnMaskWhereTheUserSaysSo) {
  EXPECT_THAT(thrift_steps({.mode = MaskMode::kEveryFrame, .frame_interval = kInterval, .lighter = true}),
              ElementsAre(thrift(1), thrift(1, 1, true), thrift(1, 2, true), thrift(1, 3, true), thrift(1, 4, true)));
}

TEST(Thrift, KeepsMasksFarYoungerThanTheyMayBe) {
  for (const int max_age : {10, 50, 100, 200, 500, 10000})
    for (const double rate : {5., 10., 15., 30., 60., 120., 240.})
      for (const Thrift& step :
           thrift_steps({.frame_interval = Milliseconds(1000 / rate), .max_age = std::chrono::milliseconds(max_age)})) {
        const double apart = 1000 / rate * step.mask_every * step.frame_every;
        EXPECT_TRUE(step == Thrift{} || apart < 150) << apart;
        EXPECT_TRUE(step.mask_every == 1 || apart <= max_age / 3.0) << apart;
      }
}

TEST(Thrift, TellsItsChangesInWords) {
  EXPECT_EQ(describe_change(thrift(1), thrift(2)), "every 2nd frame gets a new mask");
  EXPECT_EQ(describe_change(thrift(2), thrift(1)), "every frame gets a new mask");
  EXPECT_EQ(describe_change(thrift(4), thrift(4, 1, true)), "a smaller network looks for you");
  EXPECT_EQ(describe_change(thrift(4, 1, true), thrift(4)), "the usual network looks for you again");
  EXPECT_EQ(describe_change(thrift(4), thrift(2, 2)), "every 2nd frame is shown");
  EXPECT_EQ(describe_change(thrift(2, 2), thrift(4)), "every frame is shown");
}

/// A budget whose time and work a test makes up.
class BudgetTest : public testing::Test {
 public:
  /// Frames of so many seconds pass, each of which uses that much of a core.
  void spend(double percent, int seconds) {
    for (int frame = 0; frame < 30 * seconds; ++frame) {
      pass(percent, kInterval);
      budget->observe();
    }
  }
  void pass(double percent, Milliseconds time) {
    reading.when += std::chrono::duration_cast<Clock::duration>(time);
    reading.used += std::chrono::duration_cast<std::chrono::nanoseconds>(time * percent / 100);
  }
  void make(const ThriftBounds& bounds) {
    budget.emplace(kAllowed, bounds, log, [this] { return reading; });
    budget->observe();
  }
  /// Until a smaller network is wanted.
  void exhaust() {
    for (int second = 0; second < 60 && !budget->wants_lighter(); ++second) spend(90, 1);
    ASSERT_TRUE(budget->wants_lighter());
  }

  std::vector<std::string> said;
  Log log{[this](LogLevel, std::string_view text) { said.emplace_back(text); }};
  CpuReading reading{Clock::now()};
  std::optional<CpuBudget> budget;
};

TEST_F(BudgetTest, SaysWhatWasUsedAndWhatChanges) {
  make({.frame_interval = kInterval});
  spend(31, 5);
  EXPECT_THAT(said, ElementsAre("ViBa used 31% of a core of 20% allowed: every 2nd frame gets a new mask from now."));
  EXPECT_EQ(budget->now(), thrift(2));
  spend(8, 60);
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_THAT(said[1], AllOf(StartsWith("There is room again, ViBa used 8"),
                             EndsWith("% of a core of 20% allowed: every frame gets a new mask from now.")));
  EXPECT_EQ(budget->now(), Thrift{});
}

TEST_F(BudgetTest, SaysOnceThatItCannotBeKept) {
  make({.frame_interval = kInterval});
  spend(31, 300);
  EXPECT_THAT(said, SizeIs(6));
  EXPECT_THAT(said.back(), AllOf(HasSubstr("31% of a core of 20% allowed"), HasSubstr("nothing left to save")));
}

TEST_F(BudgetTest, ARestSaysNothingOfTheWork) {
  make({.frame_interval = kInterval});
  spend(31, 5);
  for (int i = 0; i < 100; ++i) {
    pass(0, Milliseconds(60'000));
    budget->observe();
  }
  EXPECT_THAT(said, SizeIs(1));
}

TEST_F(BudgetTest, GoesOnWithoutTheSmallerNetworkWhereThereIsNone) {
  make({.mode = MaskMode::kEveryFrame, .frame_interval = kInterval, .lighter = true});
  exhaust();
  budget->lose_lighter();
  spend(90, 1);
  EXPECT_FALSE(budget->wants_lighter());
  EXPECT_EQ(budget->now(), Thrift{});
  spend(90, 4);
  EXPECT_EQ(budget->now(), thrift(1, 2));
}

/// A network that says who it is by its confidence.
class TellingSegmenter final : public Segmenter {
 public:
  TellingSegmenter(float confidence, double threshold) : confidence_(confidence), threshold_(threshold) {}
  std::string name() const override { return "a test's network"; }
  double threshold() const override { return threshold_; }
  Result<void> segment(const Frame& /*frame*/, Confidence& confidence) override {
    if (fails) return fail(ErrorCode::kInference, "It broke.");
    confidence = {.size = {1, 1}, .values = {confidence_}};
    return {};
  }
  void reset() override { ++resets; }

  bool fails = false;
  int resets = 0;

 private:
  float confidence_;
  double threshold_;
};

class Switching : public BudgetTest {
 protected:
  Switching() { make({.mode = MaskMode::kEveryFrame, .frame_interval = kInterval, .lighter = true}); }

  float confidence(Segmenter& segmenter) {
    Confidence confidence;
    EXPECT_TRUE(segmenter.segment(frame_, confidence));
    return confidence.values.at(0);
  }
  SwitchingSegmenter switching(double threshold = 0.5) {
    return {usual_,
            [this, threshold] {
              ++opened_;
              auto lighter = std::make_unique<TellingSegmenter>(0.25F, threshold);
              lighter_ = lighter.get();
              return Result<std::unique_ptr<Segmenter>>(std::move(lighter));
            },
            *budget, log};
  }

  FramePool pool_;
  Frame frame_ = test::scene(pool_, {});
  TellingSegmenter usual_{0.9F, 0.5};
  TellingSegmenter* lighter_ = nullptr;
  int opened_ = 0;
};

TEST_F(Switching, TheSmallerNetworkIsOpenedOnceAndOnlyWhenItIsWanted) {
  auto both = switching();
  EXPECT_EQ(confidence(both), 0.9F);
  EXPECT_EQ(opened_, 0);
  exhaust();
  EXPECT_EQ(confidence(both), 0.25F);
  EXPECT_EQ(confidence(both), 0.25F);
  spend(1, 100);
  ASSERT_FALSE(budget->wants_lighter());
  EXPECT_EQ(confidence(both), 0.9F);
  EXPECT_EQ(usual_.resets, 1) << "it has not seen what came meanwhile";
  exhaust();
  EXPECT_EQ(confidence(both), 0.25F);
  EXPECT_EQ(opened_, 1);
  EXPECT_EQ(lighter_->resets, 2);
}

TEST_F(Switching, TheRefinersThresholdSuitsBoth) {
  auto both = switching(0.25);
  exhaust();
  EXPECT_FLOAT_EQ(confidence(both), 0.5F) << "0.25 is where its alpha is one half";
}

TEST_F(Switching, ANetworkThatCannotBeOpenedIsReplacedByTheUsualOneAndToldOnce) {
  int tries = 0;
  SwitchingSegmenter both(
      usual_,
      [&]() -> Result<std::unique_ptr<Segmenter>> {
        ++tries;
        throw std::runtime_error("no memory");
      },
      *budget, log);
  exhaust();
  said.clear();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(confidence(both), 0.9F);
  EXPECT_EQ(tries, 1);
  EXPECT_THAT(said, ElementsAre(HasSubstr("no memory")));
}

TEST_F(Switching, ANetworkThatFailsOnAFrameIsReplacedForThatFrameAlready) {
  auto both = switching();
  exhaust();
  EXPECT_EQ(confidence(both), 0.25F);
  lighter_->fails = true;
  EXPECT_EQ(confidence(both), 0.9F);
  spend(90, 1);
  EXPECT_FALSE(budget->wants_lighter());
}

/// Masks and frames, in modes where a frame waits for its mask, so that all is determined.
class Thrifty : public BudgetTest {
 protected:
  void save_until(const Thrift& wanted) {
    for (int second = 0; second < 60 && budget->now() != wanted; ++second) spend(90, 1);
    ASSERT_EQ(budget->now(), wanted);
  }
  Frame frame(std::uint64_t sequence) {
    const auto position = std::chrono::milliseconds(33) * static_cast<std::int64_t>(sequence);
    return test::scene(pool_, {sequence, position, start_ + position});
  }
  /// Of which frames the mattes are that the frames get.
  std::vector<std::uint64_t> sequences(Mattes& mattes, std::uint64_t from, std::uint64_t to) {
    std::vector<std::uint64_t> of;
    for (auto i = from; i < to; ++i) {
      const auto matte = mattes.for_frame(frame(i));
      of.push_back(matte ? matte->info().sequence : 999);
    }
    return of;
  }

  FramePool pool_;
  Clock::time_point start_ = Clock::now();
  test::FakeSegmenter segmenter_;
  std::unique_ptr<Refiner> refiner_ = *make_refiner({}, 0.5, Log{});
  Meter meter_;
  MatteMaker maker_{segmenter_, *refiner_, meter_};
};

TEST_F(Thrifty, TheOthersUseTheNewestMask) {
  make({.frame_interval = kInterval});
  Mattes mattes(maker_, {}, log, &*budget);
  EXPECT_THAT(sequences(mattes, 0, 3), ElementsAre(0, 1, 2));
  save_until(thrift(3));
  EXPECT_THAT(sequences(mattes, 3, 10), ElementsAre(2, 2, 5, 5, 5, 8, 8));
  EXPECT_EQ(meter_.masks, 5U);
}

TEST_F(Thrifty, AnotherSceneGetsAMaskAtOnce) {
  make({.frame_interval = kInterval});
  Mattes mattes(maker_, {}, log, &*budget);
  save_until(thrift(4));
  EXPECT_THAT(sequences(mattes, 0, 2), ElementsAre(0, 0));
  mattes.reset();
  EXPECT_THAT(sequences(mattes, 2, 5), ElementsAre(2, 2, 2));
}

TEST_F(Thrifty, AFrameThatComesLateGetsAMaskOfItsOwn) {
  make({.frame_interval = kInterval});
  Mattes mattes(maker_, {}, log, &*budget);
  save_until(thrift(4));
  EXPECT_THAT(sequences(mattes, 0, 2), ElementsAre(0, 0));
  EXPECT_THAT(sequences(mattes, 8, 10), ElementsAre(8, 8)) << "264 ms later, of 500 allowed";
}

TEST_F(Thrifty, AFailureIsNotKept) {
  make({.frame_interval = kInterval});
  bool fails = true;
  test::FakeSegmenter failing([&](const Frame& frame, Confidence& confidence) -> Result<void> {
    if (fails) return fail(ErrorCode::kInference, "It broke.");
    test::true_confidence(frame, confidence);
    return {};
  });
  MatteMaker maker(failing, *refiner_, meter_);
  Mattes mattes(maker, {}, log, &*budget);
  save_until(thrift(4));
  EXPECT_THAT(sequences(mattes, 0, 2), ElementsAre(999, 999));
  fails = false;
  EXPECT_THAT(sequences(mattes, 2, 4), ElementsAre(2, 2));
}

TEST_F(Thrifty, FramesThatAreLeftOutReachNoSinkAndTheOthersKeepTheirOrder) {
  make({.mode = MaskMode::kEveryFrame, .frame_interval = kInterval});
  save_until(thrift(1, 3));
  Options options;
  options.background = test::kBackgroundOption;
  const auto kept = std::make_shared<test::FakeSink::Kept>();
  Stages stages;
  stages.compositor = *make_compositor(options, test::kSceneSize, {});
  stages.sinks.push_back(std::make_unique<test::FakeSink>(kept));
  Mattes mattes(maker_, {.mode = MaskMode::kEveryFrame}, log, &*budget);
  Mailbox<Arrival> arrivals;
  FrameLoop loop(stages, {"a test", test::kSceneSize, 30, false}, mattes, arrivals, meter_, log);
  std::jthread giving([&](const std::stop_token& stop) {
    for (std::uint64_t i = 0; i < 9; ++i) arrivals.put_waiting({.frame = frame(i)}, stop);
    arrivals.put_waiting({.what = Arrival::What::kEnded}, stop);
  });
  ASSERT_TRUE(loop.run({}));
  std::vector<std::uint64_t> shown;
  for (const auto& safe : kept->frames) shown.push_back(safe.frame().info().sequence);
  EXPECT_THAT(shown, ElementsAre(2, 5, 8));
  EXPECT_EQ(meter_.dropped, 6U);
  EXPECT_EQ(meter_.masks, 3U);
}

Stages stages_of(test::FakeSource::Kind kind, const std::shared_ptr<test::FakeSink::Kept>& kept) {
  Options options;
  options.background = test::kBackgroundOption;
  Stages stages;
  stages.source = std::make_unique<test::FakeSource>(9, kind);
  stages.segmenter = std::make_unique<test::FakeSegmenter>();
  stages.refiner = *make_refiner({}, 0.5, Log{});
  stages.compositor = *make_compositor(options, test::kSceneSize, {});
  stages.sinks.push_back(std::make_unique<test::FakeSink>(kept));
  return stages;
}

TEST_F(BudgetTest, AFileTakesTheTimeItNeedsAndThatIsSaid) {
  Options options;
  options.max_cpu = 5;
  const auto kept = std::make_shared<test::FakeSink::Kept>();
  ASSERT_TRUE(Pipeline(stages_of(test::FakeSource::Kind::kFile, kept), options, log).run({}));
  EXPECT_THAT(kept->frames, SizeIs(9));
  EXPECT_THAT(said, ElementsAre(HasSubstr("--max-cpu has no effect here")));
}

TEST(CpuClock, CountsWhatTheProcessUses) {
  const auto before = read_cpu_clock();
  volatile double sink = 0;
  while (read_cpu_clock().used - before.used < std::chrono::milliseconds(5)) sink = sink + 1;
  const auto after = read_cpu_clock();
  EXPECT_GT(after.when, before.when);
}

}  // namespace
}  // namespace viba
