// What may happen to a camera, a room and the people in it: knowing the room must not make the matte worse than not
// knowing it.

#include <cmath>
#include <functional>
#include <ostream>

#include <gtest/gtest.h>

#include <viba/stages.h>

#include "refine/matte_refiner.h"
#include "scene.h"
#include "segment/make_segmenter.h"

namespace viba::test {
namespace {

constexpr double kAHair = 1.05;
const std::string kTruth = VIBA_SHARED_DIR "/data/video/truth/";

struct Fault {
  const char* name;
  int frames;
  std::function<void(int frame, Happening&)> happen;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

Gray gray_of(const Matte& matte) { return shrunk(matte.alpha(), matte.size()); }

/// The same network and two refiners, one of which learns the room.
class FaultTest : public testing::Test {
 protected:
  void SetUp() override {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "it takes too long with sanitizers; the gates run the same code";
#endif
    options_.data_dirs = {VIBA_BINARY_DIR "/share/viba"};
    auto segmenter = make_segmenter(options_, {});
    ASSERT_TRUE(segmenter) << segmenter.error().message;
    segmenter_ = std::move(*segmenter);
    with_ = *make_refiner(options_, segmenter_->threshold(), {});
    options_.learn_room = false;
    without_ = *make_refiner(options_, segmenter_->threshold(), {});
  }

  void look(const Shot& shot) {
    ASSERT_TRUE(segmenter_->segment(shot.frame, confidence_));
    refine(shot);
  }

  void refine(const Shot& shot) {
    auto with = with_->refine(shot.frame, confidence_);
    auto without = without_->refine(shot.frame, confidence_);
    ASSERT_TRUE(with && without);
    newest_ = gray_of(*with);
    newest_without_ = gray_of(*without);
  }

  void measure(const Shot& shot) {
    meter_.add(shot.alpha, newest_);
    meter_without_.add(shot.alpha, newest_without_);
  }

  void expect_no_worse() {
    const Measures with = meter_.mean();
    const Measures without = meter_without_.mean();
    RecordProperty("BandMAD", std::to_string(with.band_mad));
    RecordProperty("BandMADWithout", std::to_string(without.band_mad));
    EXPECT_LE(with.band_mad, kAHair * without.band_mad);
    EXPECT_GE(with.iou, without.iou - 0.01);
  }

  Options options_;
  std::unique_ptr<Segmenter> segmenter_;
  std::unique_ptr<Refiner> with_, without_;
  Confidence confidence_;
  Gray newest_, newest_without_;
  MatteMeter meter_, meter_without_;
};

/// Linear from a to b over frames from..to, and as at its ends beyond.
float ramp(int frame, int from, int to, float a, float b) {
  return std::lerp(a, b, std::clamp(float(frame - from) / float(to - from), 0.0F, 1.0F));
}

const auto kFaults = std::to_array<Fault>({
    {"nothing", 150, [](int, Happening&) {}},
    {"nudge", 180, [](int frame, Happening& now) { now.nudge = frame < 75 ? 0 : 6; }},
    {"brighter", 150, [](int frame, Happening& now) { now.light = frame < 75 ? 1 : 1.15F; }},
    {"darker", 150, [](int frame, Happening& now) { now.light = frame < 75 ? 1 : 0.7F; }},
    {"lights_off_and_on", 210, [](int frame, Happening& now) { now.light = frame >= 75 && frame < 135 ? 0.08F : 1; }},
    {"another_enters_and_leaves", 210,
     [](int frame, Happening& now) {
       now.other = true;
       now.other_x = frame < 120 ? ramp(frame, 40, 90, -400, -190) : ramp(frame, 120, 170, -190, -400);
     }},
    {"leaves_and_comes_back", 240,
     [](int frame, Happening& now) {
       now.person_x = frame < 120 ? ramp(frame, 40, 80, 0, 640) : ramp(frame, 150, 190, 640, 0);
     }},
    {"noise", 150, [](int, Happening& now) { now.noise = 5; }},
    {"flickering_lamp", 150, [](int frame, Happening& now) { now.lamp = 0.3F + 0.3F * std::sin(float(frame) * 1.3F); }},
    {"moving_curtain", 150, [](int frame, Happening& now) { now.curtain = 14 * std::sin(float(frame) / 9); }},
    {"chair", 150, [](int, Happening& now) { now.chair = true; }},
    {"arm_from_the_start", 180, [](int frame, Happening& now) { now.arm = frame < 90; }},
});

class Faults : public FaultTest, public testing::WithParamInterface<Fault> {
 protected:
  void run(std::unique_ptr<Person> person) {
    constexpr int kEach = 5;  // frames of which one is measured
    Scene scene(std::move(person));
    for (int frame = 0; frame < GetParam().frames; ++frame) {
      Happening now{.moment = frame};
      GetParam().happen(frame, now);
      const Shot shot = scene.shoot(now, frame);
      ASSERT_NO_FATAL_FAILURE(look(shot));
      if (frame % kEach == 0) measure(shot);
    }
    expect_no_worse();
  }
};

TEST_P(Faults, KnowingTheRoomDoesNoHarmToThePortrait) { run(portrait_person()); }

TEST_P(Faults, KnowingTheRoomDoesNoHarmToADancer) {
  auto person = clip_person(kTruth + "dancer_a.mp4", kTruth + "dancer_a.alpha.mkv");
  if (!person) GTEST_SKIP() << "the clip dancer_a.mp4 is not here";
  run(std::move(person));
}

INSTANTIATE_TEST_SUITE_P(All, Faults, testing::ValuesIn(kFaults), [](const auto& test) { return test.param.name; });

double mean_where(const Gray& matte, const Gray& where) {
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < matte.values.size(); ++i) {
    if (where.values[i] < 250) continue;
    sum += matte.values[i] / 255.0;
    weight += 1;
  }
  return sum / weight;
}

/// What a network would say that knows: the true matte on its own grid.
Confidence true_confidence(const Gray& alpha) {
  constexpr Size kGrid{160, 90};
  Confidence confidence{kGrid, {}, {}};
  for (const std::uint8_t value : shrunk({alpha.values.data(), alpha.size.width, alpha.size}, kGrid).values)
    confidence.values.push_back(float(value) / 255);
  return confidence;
}

Gray without(Gray matte, const Gray& part) {
  for (std::size_t i = 0; i < matte.values.size(); ++i)
    if (part.values[i] > 0) matte.values[i] = 0;
  return matte;
}

/// The hand and what is next to it.
Gray upper_part(Gray arm) {
  constexpr std::size_t kWrist = 210;
  std::fill(arm.values.begin() + kWrist * kSceneSize.width, arm.values.end(), std::uint8_t{0});
  return arm;
}

TEST_F(FaultTest, AnArmAtRestDoesNotMeltIntoTheRoomInTenMinutes) {
  constexpr int kRate = 5;  // as `latest` mode has it on a slow machine
  constexpr int kFrames = 10 * 60 * kRate;
  constexpr int kDifferent = 16;  // that come again and again, so that all of them need not be drawn
  Scene scene(portrait_person());
  std::vector<Shot> shots;
  for (int i = 0; i < kDifferent; ++i) shots.push_back(scene.shoot({.moment = 0, .arm = true, .noise = 2}, i));
  confidence_ = true_confidence(shots[0].alpha);
  for (int frame = 0; frame < kFrames; ++frame) {
    const Shot& shot = shots[static_cast<std::size_t>(frame % kDifferent)];
    FrameInfo info = shot.frame.info();
    info.position = std::chrono::nanoseconds(frame * 1'000'000'000LL / kRate);
    ASSERT_NO_FATAL_FAILURE(refine({shot.frame.with_info(info), {}, {}}));
  }
  EXPECT_GE(mean_where(newest_, shots[0].arm_alpha), 0.97);
  measure(shots[0]);
  expect_no_worse();
}

TEST_F(FaultTest, AHandThatTheNetworkLosesNowAndThenStays) {
  constexpr int kFrames = 300;
  Scene scene(portrait_person());
  double least = 1;
  for (int frame = 0; frame < kFrames; ++frame) {
    // It comes after two seconds, and from then on the network sees it three quarters of the time.
    const bool there = frame >= 60;
    const Shot shot = scene.shoot({.moment = frame, .arm = there, .noise = 2}, frame);
    const Gray hand = upper_part(shot.arm_alpha);
    confidence_ = true_confidence(there && frame % 20 >= 15 ? without(shot.alpha, hand) : shot.alpha);
    ASSERT_NO_FATAL_FAILURE(refine(shot));
    if (frame >= 70) least = std::min(least, mean_where(newest_, hand));
  }
  EXPECT_GE(least, 0.9) << "what is known of the room shows that somebody stands before it";
}

TEST_F(FaultTest, NobodyIsLeftBehindInAnEmptyRoom) {
  Scene scene(portrait_person());
  const Gray everywhere{kSceneSize, std::vector<std::uint8_t>(static_cast<std::size_t>(640) * 360, 255)};
  double most = 0;
  for (int frame = 0; frame < 180; ++frame) {
    const Shot shot = scene.shoot({.moment = frame, .person_x = ramp(frame, 60, 90, 0, 660)}, frame);
    ASSERT_NO_FATAL_FAILURE(look(shot));
    if (frame >= 105) most = std::max(most, mean_where(newest_, everywhere));
  }
  EXPECT_LT(most, 0.002);
}

TEST_F(FaultTest, APersonWhomTheStartTookForTheRoomIsFound) {
  Scene scene(portrait_person());
  Gray arm;
  for (int frame = 0; frame < 240; ++frame) {
    const Shot shot = scene.shoot({.moment = frame, .arm = true, .noise = 2}, frame);
    arm = shot.arm_alpha;
    // The network does not see the arm for two seconds.
    confidence_ = true_confidence(frame < 60 ? without(shot.alpha, arm) : shot.alpha);
    ASSERT_NO_FATAL_FAILURE(refine(shot));
  }
  EXPECT_GE(mean_where(newest_, arm), 0.9);
}

}  // namespace
}  // namespace viba::test
