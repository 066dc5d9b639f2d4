// Rule 1: no frame leaves in which the room could show, whatever goes wrong. Each test breaks
// something and then looks at every pixel that left.

#include <atomic>
#include <future>
#include <limits>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <viba/pipeline.h>

#include "composite/compositor.h"
#include "refine/matte_refiner.h"
#include "support/fakes.h"

namespace viba {
namespace {

using namespace test;

Result<std::optional<Frame>> wait_for_stop(const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::yield();
  return std::nullopt;
}

/// Runs stages of which a test has broken some, and keeps what left and what was said.
class FailsClosed : public testing::Test {
 protected:
  FailsClosed() {
    options.background = kBackgroundOption;
    options.mask_mode = MaskMode::kEveryFrame;
    stages.source = std::make_unique<FakeSource>(10);
    stages.segmenter = std::make_unique<FakeSegmenter>();
    stages.refiner = *make_refiner({}, 0.5, Log{});
    stages.compositor = *make_compositor(options, kSceneSize, {});
  }

  Result<Statistics> run(std::stop_token stop = {}) {
    stages.sinks.push_back(std::make_unique<FakeSink>(kept));
    const Log log([this](LogLevel level, std::string_view text) {
      const std::scoped_lock lock(mutex);
      if (level == LogLevel::kWarning) warnings.emplace_back(text);
    });
    return Pipeline(std::move(stages), options, log).run(std::move(stop));
  }

  void break_segmenter(FakeSegmenter::Work work) {
    stages.segmenter = std::make_unique<FakeSegmenter>(std::move(work));
  }

  /// A placeholder's pixel is the background's, or the notice's: gray laid over the background.
  static bool from_placeholder(const Pixel& p) {
    if (is(p, kBackground)) return true;
    const auto between = [](int value, int a, int b) { return value >= std::min(a, b) && value <= std::max(a, b); };
    return between(p.u, kBackground.u, 128) && between(p.v, kBackground.v, 128);
  }

  void expect_all_hidden() {
    ASSERT_FALSE(kept->frames.empty());
    for (const auto& safe : kept->frames)
      for (int y = 0; y < kSceneSize.height; ++y)
        for (int x = 0; x < kSceneSize.width; ++x)
          ASSERT_TRUE(from_placeholder(pixel(safe.frame(), x, y)))
              << "frame " << safe.frame().info().sequence << " at " << x << "," << y;
  }

  Options options;
  Stages stages;
  std::shared_ptr<FakeSink::Kept> kept = std::make_shared<FakeSink::Kept>();
  std::mutex mutex;
  std::vector<std::string> warnings;
};

TEST_F(FailsClosed, TheTestItselfKnowsARoomWhenItSeesOne) {
  EXPECT_FALSE(from_placeholder({kRoom.y, kRoom.u, kRoom.v}));
  EXPECT_FALSE(from_placeholder({kPerson.y, kPerson.u, kPerson.v}));
}

TEST_F(FailsClosed, AllWellShowsThePersonOfTheVeryFrameAndNothingOfTheRoom) {
  ASSERT_TRUE(run());
  ASSERT_EQ(kept->frames.size(), 10U);
  for (const auto& safe : kept->frames) {
    const auto sequence = safe.frame().info().sequence;
    for (int y = 0; y < kSceneSize.height; ++y)
      for (int x = 0; x < kSceneSize.width; ++x)
        ASSERT_TRUE(is(pixel(safe.frame(), x, y), is_person(sequence, x, y) ? kPerson : kBackground))
            << sequence << ": " << x << "," << y;
  }
  EXPECT_TRUE(warnings.empty());
}

TEST_F(FailsClosed, TheNetworkReturnsAnErrorAndItIsSaidOnce) {
  break_segmenter([](const Frame&, Confidence&) { return fail(ErrorCode::kInference, "The network is ill."); });
  const auto total = run();
  ASSERT_TRUE(total);
  EXPECT_EQ(total->frames_out, 10U);
  EXPECT_EQ(total->placeholders, 10U);
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("The network is ill.")));
}

TEST_F(FailsClosed, TheNetworkThrows) {
  break_segmenter([](const Frame&, Confidence&) -> Result<void> { throw std::runtime_error("out of tensors"); });
  ASSERT_TRUE(run());
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("out of tensors")));
}

TEST_F(FailsClosed, TheNetworkThrowsWhatIsNoException) {
  break_segmenter([](const Frame&, Confidence&) -> Result<void> { throw 42; });
  ASSERT_TRUE(run());
  expect_all_hidden();
}

struct BadNumbers {
  const char* name;
  Size size;
  std::vector<float> values;
};

class FailsClosedOnNumbers : public FailsClosed, public testing::WithParamInterface<BadNumbers> {};

TEST_P(FailsClosedOnNumbers, ThatAreNoConfidence) {
  break_segmenter([](const Frame&, Confidence& confidence) -> Result<void> {
    confidence = {GetParam().size, GetParam().values};
    return {};
  });
  ASSERT_TRUE(run());
  expect_all_hidden();
  EXPECT_EQ(warnings.size(), 1U);
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();
INSTANTIATE_TEST_SUITE_P(All, FailsClosedOnNumbers,
                         testing::Values(BadNumbers{"nan", {1, 1}, {kNan}}, BadNumbers{"infinite", {1, 1}, {kInfinity}},
                                         BadNumbers{"above", {2, 1}, {0, 1.5F}},
                                         BadNumbers{"below", {2, 1}, {-0.5F, 0}}, BadNumbers{"none", {0, 0}, {}},
                                         BadNumbers{"few", {2, 2}, {1, 1, 1}}, BadNumbers{"negative", {-1, -1}, {1}}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(FailsClosed, AFailureInTheMiddleHidesJustThoseFrames) {
  break_segmenter([](const Frame& frame, Confidence& confidence) -> Result<void> {
    if (frame.info().sequence == 4) return fail(ErrorCode::kInference, "A hiccup.");
    true_confidence(frame, confidence);
    return {};
  });
  const auto total = run();
  ASSERT_TRUE(total);
  EXPECT_EQ(total->placeholders, 1U);
  for (int y = 0; y < kSceneSize.height; ++y)
    for (int x = 0; x < kSceneSize.width; ++x) ASSERT_TRUE(from_placeholder(pixel(kept->frames.at(4).frame(), x, y)));
  EXPECT_TRUE(is(pixel(kept->frames.at(5).frame(), person_left(5), 20), kPerson));
}

TEST_F(FailsClosed, TheNetworkAnswersForWhatLiesOutsideOfThePicture) {
  break_segmenter([](const Frame& frame, Confidence& confidence) -> Result<void> {
    true_confidence(frame, confidence);
    confidence.area = Rect{32, 0, kSceneSize};
    return {};
  });
  ASSERT_TRUE(run());
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("outside of the picture")));
}

TEST_F(FailsClosed, ThePersonIsAskedOutOfThePicture) {
  class Asking final : public Refiner {
    Result<Matte> refine(const Frame&, const Confidence&) override {
      return fail(ErrorCode::kAskedAway, "Step out of the picture.");
    }
  };
  stages.refiner = std::make_unique<Asking>();
  ASSERT_TRUE(run());
  expect_all_hidden();
  EXPECT_TRUE(warnings.empty()) << "it is no failure";
}

TEST_F(FailsClosed, TheRefinerGivesAMatteOfAnotherSize) {
  class Wrong final : public Refiner {
    Result<Matte> refine(const Frame& frame, const Confidence&) override {
      return pool_.acquire({32, 32}).map([&](MutableMatte&& matte) {
        for (int y = 0; y < 32; ++y) std::fill_n(matte.alpha().row(y), 32, std::uint8_t{255});
        return std::move(matte).freeze(frame.info());
      });
    }
    MattePool pool_;
  };
  stages.refiner = std::make_unique<Wrong>();
  ASSERT_TRUE(run());
  expect_all_hidden();
}

TEST_F(FailsClosed, TheCompositorThrows) {
  class Throwing final : public Compositor {
   public:
    explicit Throwing(std::unique_ptr<Compositor> real) : real_(std::move(real)) {}
    Result<SafeFrame> composite(const Frame&, const Matte&) override { throw std::bad_alloc(); }
    Result<SafeFrame> placeholder(const Frame* frame, FrameInfo info, Why why) override {
      return real_->placeholder(frame, info, why);
    }

   private:
    std::unique_ptr<Compositor> real_;
  };
  stages.compositor = std::make_unique<Throwing>(std::move(stages.compositor));
  ASSERT_TRUE(run());
  expect_all_hidden();
}

TEST_F(FailsClosed, NoMaskYet) {
  options.mask_mode = MaskMode::kLatest;
  std::promise<void> release;
  break_segmenter(
      [&, released = release.get_future().share()](const Frame& frame, Confidence& confidence) -> Result<void> {
        released.wait();
        true_confidence(frame, confidence);
        return {};
      });
  // The last read sets the network free, when all frames have been shown without it.
  auto source = std::make_unique<FakeSource>(10);
  source->instead[10] = [&](const std::stop_token&) -> Result<std::optional<Frame>> {
    release.set_value();
    return std::nullopt;
  };
  stages.source = std::move(source);
  const auto total = run();
  ASSERT_TRUE(total);
  EXPECT_EQ(total->frames_out, 10U);
  // The ninth frame waits in the mailbox while the tenth is read: it may see the mask.
  kept->frames.resize(8);
  expect_all_hidden();
  EXPECT_TRUE(warnings.empty()) << "starting is no failure";
}

/// How the frames after the first are later than its mask.
struct Late {
  const char* name;
  std::chrono::milliseconds by_the_clock, by_the_source;
};

class FailsClosedOnAge : public FailsClosed, public testing::WithParamInterface<Late> {};

TEST_P(FailsClosedOnAge, TheMaskIsTooOld) {
  options.mask_mode = MaskMode::kLatest;
  options.max_mask_age = std::chrono::milliseconds(350);
  std::promise<void> release;
  break_segmenter(
      [released = release.get_future().share()](const Frame& frame, Confidence& confidence) -> Result<void> {
        if (frame.info().sequence > 0) released.wait();  // hangs with the mask of frame 0 in place
        true_confidence(frame, confidence);
        return {};
      });
  // Frame 0 is repeated until its mask is there; then come the late ones.
  std::atomic<bool> person_seen = false;
  auto source = std::make_unique<FakeSource>(0);
  FramePool pool;
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t late = 0;
  source->always = [&](const std::stop_token&) -> Result<std::optional<Frame>> {
    if (!person_seen) return scene(pool, {0, {}, start});
    if (++late <= 20) return scene(pool, {late, GetParam().by_the_source, start + GetParam().by_the_clock});
    release.set_value();
    return std::nullopt;
  };
  stages.source = std::move(source);
  stages.sinks.push_back(
      std::make_unique<FakeSink>(std::make_shared<FakeSink::Kept>(), [&](const SafeFrame& safe) -> Result<void> {
        if (is(pixel(safe.frame(), person_left(0), 20), kPerson)) person_seen = true;
        return {};
      }));
  ASSERT_TRUE(run());
  std::erase_if(kept->frames, [](const SafeFrame& safe) { return safe.frame().info().sequence == 0; });
  EXPECT_EQ(kept->frames.size(), 20U);
  kept->frames.resize(18);  // the network is set free while the last two are under way
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("older than 350 ms")));
}

// The second: a file that is read faster than life.
INSTANTIATE_TEST_SUITE_P(All, FailsClosedOnAge,
                         testing::Values(Late{"by_the_clock", std::chrono::milliseconds(400), {}},
                                         Late{"by_the_source", {}, std::chrono::milliseconds(400)}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_F(FailsClosed, AStageThatSaysItIsOnlyNotReadyIsAFailureAllTheSame) {
  break_segmenter([](const Frame&, Confidence&) { return fail(ErrorCode::kNotYet, "Wait for me."); });
  ASSERT_TRUE(run());
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("Wait for me.")));
}

TEST_F(FailsClosed, ASourceThatTellsNoTimeIsGivenOne) {
  auto source = std::make_unique<FakeSource>(0);
  FramePool pool;
  std::uint64_t next = 0;
  source->always = [&](const std::stop_token&) -> Result<std::optional<Frame>> {
    if (next == 3) return std::nullopt;
    return scene(pool, {.sequence = next++});
  };
  stages.source = std::move(source);
  ASSERT_TRUE(run());
  ASSERT_EQ(kept->frames.size(), 3U);
  for (const auto& safe : kept->frames) EXPECT_NE(safe.frame().info().taken, std::chrono::steady_clock::time_point{});
}

TEST_F(FailsClosed, TheCameraIsLostAndComesBack) {
  auto source = std::make_unique<FakeSource>(100, FakeSource::Kind::kCamera);
  source->instead[0] = [](const std::stop_token&) { return fail(ErrorCode::kIo, "The camera was unplugged."); };
  source->instead[2] = wait_for_stop;
  stages.source = std::move(source);
  std::stop_source stop;
  stages.sinks.push_back(
      std::make_unique<FakeSink>(std::make_shared<FakeSink::Kept>(), [&](const SafeFrame& safe) -> Result<void> {
        if (is(pixel(safe.frame(), person_left(1), 20), kPerson)) stop.request_stop();
        return {};
      }));
  ASSERT_TRUE(run(stop.get_token()));
  ASSERT_GE(kept->frames.size(), 3U) << "starting, lost, and back";
  EXPECT_TRUE(is(pixel(kept->frames.back().frame(), person_left(1), 20), kPerson));
  kept->frames.pop_back();
  expect_all_hidden();
  EXPECT_THAT(warnings, testing::ElementsAre(testing::HasSubstr("unplugged")));
}

TEST_F(FailsClosed, AFileThatBreaksOffEndsTheRunWithItsError) {
  auto source = std::make_unique<FakeSource>(100);
  source->instead[3] = [](const std::stop_token&) { return fail(ErrorCode::kIo, "The disk is gone."); };
  stages.source = std::move(source);
  const auto total = run();
  ASSERT_FALSE(total);
  EXPECT_EQ(total.error().message, "The disk is gone.");
  EXPECT_EQ(kept->frames.size(), 3U);
  EXPECT_EQ(kept->finished, 1);
}

TEST_F(FailsClosed, ABlurredBackgroundHidesBehindAFrameBeyondRecognition) {
  options.background = "blur:1";
  stages.compositor = *make_compositor(options, {640, 480}, {});
  // A room full of print: stripes of 8 pixels, as strong as they come.
  FramePool pool;
  auto room = pool.acquire({640, 480});
  fill(*room, {235, 128, 128});
  for (int y = 0; y < 480; ++y)
    for (int x = 0; x < 640; ++x)
      if (x / 8 % 2 == 0) room->y().row(y)[x] = 16;
  const Frame frame = std::move(*room).freeze({});
  const auto hidden = stages.compositor->placeholder(&frame, {}, Compositor::Why::kNoMatte);
  ASSERT_TRUE(hidden);
  for (int y = 0; y < 380; ++y)  // the notice is below
    for (int x = 0; x + 8 < 640; ++x)
      ASSERT_NEAR(hidden->frame().y().row(y)[x], hidden->frame().y().row(y)[x + 8], 4) << x << "," << y;
}

}  // namespace
}  // namespace viba
