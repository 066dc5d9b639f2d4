// The camera is open only while somebody watches, and what a watcher gets before its first picture is a
// placeholder.

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <viba/pipeline.h>

#include "composite/compositor.h"
#include "refine/matte_refiner.h"
#include "support/fakes.h"

namespace viba {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// Something that one thread changes and another waits for.
template <class T>
class Watched {
 public:
  void change(const std::function<void(T&)>& how) {
    const std::scoped_lock lock(mutex_);
    how(value_);
    changed_.notify_all();
  }
  /// False when it does not come to that within a time that is long for any machine.
  bool becomes(const std::function<bool(const T&)>& true_of) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return true_of(value_); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T value_{};
};

struct Seen {
  int reads = 0, rests = 0;
  int placeholders = 0, persons = 0;
};

bool shows_person(const Frame& frame) {
  for (int x = 0; x < kSceneSize.width; ++x)
    if (is(pixel(frame, x, 20), kPerson)) return true;
  return false;
}

class WhileWatched : public testing::Test {
 protected:
  WhileWatched() {
    options.idle_timeout = 0ms;
    options.background = kBackgroundOption;
    auto source = std::make_unique<FakeSource>(0, FakeSource::Kind::kCamera);
    source->always = [this](const std::stop_token&) -> Result<std::optional<Frame>> {
      seen.change([](Seen& s) { ++s.reads; });
      // Like a camera that takes its time: until the placeholder is out.
      if (std::exchange(opening, false)) (void)seen.becomes([](const Seen& s) { return s.placeholders >= 1; });
      std::this_thread::yield();
      return scene(pool, {.sequence = sequence++, .taken = std::chrono::steady_clock::now()});
    };
    source->on_rest = [this] {
      opening = true;
      seen.change([](Seen& s) { ++s.rests; });
    };
    auto sink = std::make_unique<FakeSink>(std::make_shared<FakeSink::Kept>(), [this](const SafeFrame& safe) {
      seen.change([&](Seen& s) { ++(shows_person(safe.frame()) ? s.persons : s.placeholders); });
      return Result<void>{};
    });
    sink->on_watch = [this](std::function<void(bool)> told) {
      tell = std::move(told);
      tell(false);
      asked = true;
    };
    stages.source = std::move(source);
    stages.segmenter = std::make_unique<FakeSegmenter>();
    stages.refiner = *make_refiner({}, 0.5, Log{});
    stages.compositor = *make_compositor(options, kSceneSize, {});
    stages.sinks.push_back(std::move(sink));
  }

  void start() {
    running = std::jthread(
        [this](const std::stop_token& stop) { EXPECT_TRUE(Pipeline(std::move(stages), options, {}).run(stop)); });
  }

  FramePool pool;
  std::uint64_t sequence = 0;
  bool opening = false;  ///< of the capture thread
  Watched<Seen> seen;
  std::function<void(bool)> tell;
  bool asked = false;
  Options options;
  Stages stages;
  std::jthread running;
};

TEST_F(WhileWatched, NothingIsReadBeforeSomebodyWatches) {
  start();
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 1 && s.placeholders >= 2; }));
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.reads == 0 && s.persons == 0; }));
}

TEST_F(WhileWatched, TheSourceIsReadWhileSomebodyDoesAndRestsAfterwards) {
  start();
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(seen.becomes([&](const Seen& s) { return s.rests == round; })) << round;
    seen.change([](Seen& s) { s.persons = s.placeholders = 0; });
    tell(true);
    ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 3; })) << round;
    EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.placeholders >= 1; })) << "at once, before the first frame";
    tell(false);
  }
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 4; }));
}

TEST_F(WhileWatched, WhoComesBackInTimeFindsTheSourceStillOpen) {
  options.idle_timeout = std::chrono::hours(1);
  start();
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 1; })) << "nobody was there yet";
  tell(true);
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 0; }));
  tell(false);
  seen.change([](Seen& s) { s.persons = 0; });
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 10; }));
  tell(true);
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 1; }));
}

TEST_F(WhileWatched, AlwaysOnAsksNobody) {
  options.always_on = true;
  start();
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 0; }));
  EXPECT_FALSE(asked);
}

TEST_F(WhileWatched, OneOfSeveralOutputsIsEnough) {
  stages.sinks.push_back(std::make_unique<FakeSink>(std::make_shared<FakeSink::Kept>()));
  start();
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 0; }));
}

TEST_F(WhileWatched, AMatteFromBeforeTheRestIsNotUsed) {
  options.mask_mode = MaskMode::kLatest;
  options.max_mask_age = std::chrono::hours(1);
  std::atomic<bool> works = true;
  stages.segmenter = std::make_unique<FakeSegmenter>([&](const Frame& frame, Confidence& confidence) -> Result<void> {
    if (!works) return fail(ErrorCode::kInference, "The network is gone.");
    true_confidence(frame, confidence);
    return {};
  });
  start();
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 1; }));
  tell(true);
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.persons > 0; }));
  tell(false);
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.rests == 2; }));
  works = false;
  const auto before = [](const Seen& s) { return s.reads; };
  int reads = 0;
  seen.change([&](Seen& s) { reads = before(s); });
  // The pipeline takes up the news of the rest before it shows the still picture.
  seen.change([](Seen& s) { s.placeholders = 0; });
  ASSERT_TRUE(seen.becomes([](const Seen& s) { return s.placeholders >= 1; }));
  seen.change([](Seen& s) { s.persons = 0; });
  tell(true);
  ASSERT_TRUE(seen.becomes([&](const Seen& s) { return s.reads > reads + 20 && s.placeholders >= 5; }));
  EXPECT_TRUE(seen.becomes([](const Seen& s) { return s.persons == 0; }));
  running = {};  // before what it uses
}

}  // namespace
}  // namespace viba
