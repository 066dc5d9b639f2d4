// What mattes must reach, measured on clips and pictures whose true matte is known.

#include <cmath>
#include <filesystem>
#include <ostream>

#include <gtest/gtest.h>

#include <viba/pipeline.h>

#include "gray_file.h"
#include "matte_measures.h"
#include "support/clips.h"

namespace viba::test {
namespace {

namespace fs = std::filesystem;

constexpr double kAny = 1e9;
const std::string kShared = VIBA_SHARED_DIR "/data/";

/// The worst that is let pass.
struct Bounds {
  double iou = 0;
  double boundary_f = 0;
  double band_mad = kAny;
  double dtssd = kAny;
  double flicker = kAny;
};

struct Case {
  const char* name;
  std::string input, truth;
  bool learn_room;
  Bounds bounds;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name; }

void expect_within(const Measures& found, const Bounds& bounds) {
  EXPECT_GE(found.iou, bounds.iou) << "IoU";
  EXPECT_GE(found.boundary_f, bounds.boundary_f) << "BF";
  EXPECT_LE(found.band_mad, bounds.band_mad) << "BandMAD";
  EXPECT_LE(found.dtssd, bounds.dtssd) << "dtSSD";
  EXPECT_LE(found.flicker, bounds.flicker) << "Flicker";
  for (const auto& [key, value] : {std::pair{"IoU", found.iou},
                                   {"BF", found.boundary_f},
                                   {"BandMAD", found.band_mad},
                                   {"dtSSD", found.dtssd},
                                   {"Flicker", found.flicker}})
    testing::Test::RecordProperty(key, std::to_string(value));
}

class Gate : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    for (const auto& file : {GetParam().input, GetParam().truth})
      if (!fs::exists(file)) GTEST_SKIP() << fs::path(file).filename() << " is not here";
  }

  /// The mattes that the program writes. Returns how many.
  int extract() {
    Options options;
    options.data_dirs = {VIBA_BINARY_DIR "/share/viba"};
    options.learn_room = GetParam().learn_room;
    const auto count = extract_mattes(GetParam().input, output_, options, {}, {});
    EXPECT_TRUE(count) << count.error().message;
    return count.value_or(0);
  }

  TemporaryFolder folder_;
  std::string output_ = folder_ / (fs::is_directory(GetParam().input) ? "mattes" : "mattes.mkv");
};

using VideoGate = Gate;

TEST_P(VideoGate, MattesAreAsGoodAsTheyWere) {
  const int count = extract();
  GrayFile truths(GetParam().truth);
  GrayFile mattes(output_);
  MatteMeter meter;
  int measured = 0;
  int skip = 0;  // the truth may hold every other frame only
  while (const auto truth = truths.next()) {
    for (int i = 0; i < skip; ++i) (void)mattes.next();
    const auto matte = mattes.next();
    ASSERT_TRUE(matte);
    meter.add(*truth, shrunk({matte->values.data(), matte->size.width, matte->size}, truth->size));
    if (measured++ == 0 && matte->size != truth->size) skip = 1;
  }
  EXPECT_EQ(measured * (1 + skip), count);
  expect_within(meter.mean(), GetParam().bounds);
}

const std::string kSample = VIBA_SOURCE_DIR "/assets/sample/sample.mp4";
const std::string kSampleTruth = VIBA_SOURCE_DIR "/tests/quality/sample_alpha.mkv";
const std::string kDancer = kShared + "video/truth/dancer_a.alpha.mkv";

INSTANTIATE_TEST_SUITE_P(Sample, VideoGate,
                         testing::Values(Case{"with_the_room", kSample, kSampleTruth, true, {.990, .990, 29, 1.8, .42}},
                                         Case{"without", kSample, kSampleTruth, false, {.990, .990, 29, 1.8, .42}}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Shared, VideoGate,
    testing::Values(
        Case{"dancer", kShared + "video/truth/dancer_a.mp4", kDancer, true, {.980, .980, 34, 3.8, .60}},
        Case{"dancer_noisy", kShared + "video/truth/dancer_a_noisy.mp4", kDancer, true, {.975, .968, 40, 4.5, 1.0}},
        Case{"dancer_nudged", kShared + "video/truth/dancer_a_nudged.mp4", kDancer, true, {.975, .968, 40, 4.5, 1.0}},
        Case{"dancer_without", kShared + "video/truth/dancer_a.mp4", kDancer, false, {.956, .930, 64, 6.0, 1.3}}),
    [](const auto& test) { return test.param.name; });

using PictureGate = Gate;

TEST_P(PictureGate, MattesAreAsGoodAsTheyWere) {
  const int count = extract();
  MatteMeter meter;
  int measured = 0;
  for (const auto& file : fs::directory_iterator(GetParam().truth)) {
    const auto truth = GrayFile(file.path().string()).next();
    const auto matte = GrayFile((fs::path(output_) / file.path().stem()).string() + ".png").next();
    ASSERT_TRUE(truth && matte && truth->size == matte->size) << file.path().filename();
    meter.cut();
    meter.add(*truth, *matte);
    ++measured;
  }
  EXPECT_EQ(measured, count);
  expect_within(meter.mean(), GetParam().bounds);
}

INSTANTIATE_TEST_SUITE_P(
    Shared, PictureGate,
    testing::Values(
        Case{"alpha", kShared + "people/alpha/image", kShared + "people/alpha/alpha", true, {.970, .900, 55}},
        Case{"portraits", kShared + "people/portraits/image", kShared + "people/portraits/mask", true, {.930}}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace viba::test
