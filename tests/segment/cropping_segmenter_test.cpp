#include "segment/cropping_segmenter.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "media/scale.h"
#include "media/video_reader.h"
#include "segment/make_segmenter.h"

namespace viba::test {
namespace {

constexpr Size kSize{640, 360};
constexpr int kGrid = 64;
constexpr YuvColor kPersonColor{235, 128, 128};

/// People are what is white.
Frame picture_of(const std::vector<Rect>& people) {
  static FramePool pool;
  auto frame = pool.acquire(kSize);
  fill(*frame, {16, 128, 128});
  for (const Rect& person : people)
    for (int y = person.y; y < person.y + person.size.height; ++y)
      std::fill_n(frame->y().row(y) + person.x, person.size.width, kPersonColor.y);
  return std::move(*frame).freeze({});
}

/// Sees what is white in what it is shown, and keeps its sizes.
class SeesWhite final : public Segmenter {
 public:
  explicit SeesWhite(std::vector<Size>& shown) : shown_(shown) {}
  std::string name() const override { return "a test's network"; }
  double threshold() const override { return 0.5; }
  Result<void> segment(const Frame& frame, Confidence& confidence) override {
    if (frame.empty()) return fail(ErrorCode::kInference, "There is no picture.");
    shown_.push_back(frame.size());
    confidence.size = {kGrid, kGrid};
    confidence.values.clear();
    for (int y = 0; y < kGrid; ++y)
      for (int x = 0; x < kGrid; ++x) {
        const auto* row = frame.y().row((2 * y + 1) * frame.size().height / (2 * kGrid));
        confidence.values.push_back(row[(2 * x + 1) * frame.size().width / (2 * kGrid)] > 128 ? 0.95F : 0.02F);
      }
    return {};
  }

 private:
  std::vector<Size>& shown_;
};

class Cropping : public testing::Test {
 protected:
  /// How often the network ran for that picture.
  std::size_t look_at(const std::vector<Rect>& people) {
    shown_.clear();
    EXPECT_TRUE(segmenter_.segment(picture_of(people), seen_));
    return shown_.size();
  }
  /// What the answer says of a pixel.
  bool is_person(int x, int y) const {
    const Rect area = seen_.area.value_or(Rect{0, 0, kSize});
    const int column = (x - area.x) * kGrid / area.size.width;
    const int row = (y - area.y) * kGrid / area.size.height;
    if (x < area.x || y < area.y || column >= kGrid || row >= kGrid) return false;
    return seen_.values[static_cast<std::size_t>(row * kGrid + column)] > 0.5F;
  }
  bool sees(const Rect& person) const {
    return is_person(person.x + person.size.width / 2, person.y + person.size.height / 2);
  }

  std::vector<Size> shown_;
  Confidence seen_;
  CroppingSegmenter segmenter_{std::make_unique<SeesWhite>(shown_), {kGrid, kGrid}, 0.5};
};

constexpr Rect kSitter{240, 120, {160, 240}};

TEST_F(Cropping, AStillIsLookedAtTwice) {
  EXPECT_EQ(look_at({kSitter}), 2U);
  EXPECT_EQ(shown_[0], kSize);
  ASSERT_TRUE(seen_.area);
  EXPECT_EQ(shown_[1], seen_.area->size);
  EXPECT_NEAR(seen_.area->size.width, 1.4 * 160, 12) << "with a margin of a fifth";
  EXPECT_TRUE(sees(kSitter));
  segmenter_.reset();
  EXPECT_EQ(look_at({kSitter}), 2U) << "and so is the next one";
}

TEST_F(Cropping, ThenOnceButNowAndThenTwice) {
  look_at({kSitter});
  std::size_t runs = 0;
  for (int i = 0; i < 60; ++i) runs += look_at({kSitter});
  EXPECT_EQ(runs, 64U);
  EXPECT_NEAR(seen_.area->size.width, 1.2 * 160, 12);
  EXPECT_TRUE(sees(kSitter));
}

TEST_F(Cropping, APictureOfAnotherSizeStartsAnew) {
  look_at({kSitter});
  FramePool pool;
  auto other = pool.acquire({320, 240});
  fill(*other, {16, 128, 128});
  EXPECT_TRUE(segmenter_.segment(std::move(*other).freeze({}), seen_));
  EXPECT_FALSE(seen_.area);
  EXPECT_EQ(look_at({kSitter}), 2U);
}

TEST_F(Cropping, FollowsWhoMovesAndNeverLosesThem) {
  for (int x = 0; x <= 480; x += 20) {
    const Rect walker{x, 100, {120, 260}};
    look_at({walker});
    EXPECT_TRUE(sees(walker)) << x;
    if (x > 0) {
      EXPECT_TRUE(is_person(x + 2, 200) && is_person(x + 117, 200)) << "both sides of them, at " << x;
    }
  }
}

TEST_F(Cropping, WhoJumpsAwayIsFoundInTheSamePicture) {
  constexpr Rect kElsewhere{20, 40, {120, 200}};
  look_at({{460, 100, {120, 260}}});
  EXPECT_EQ(look_at({kElsewhere}), 2U);
  EXPECT_TRUE(sees(kElsewhere));
  EXPECT_FALSE(seen_.area) << "the look at everything is the answer";
  EXPECT_EQ(look_at({kElsewhere}), 1U);
  EXPECT_TRUE(seen_.area);
  EXPECT_TRUE(sees(kElsewhere));
}

TEST_F(Cropping, AnEmptyRoomIsLookedAtAsAWhole) {
  look_at({kSitter});
  EXPECT_EQ(look_at({}), 2U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(look_at({}), 1U);
    EXPECT_FALSE(seen_.area);
  }
  look_at({kSitter});
  EXPECT_TRUE(sees(kSitter)) << "who comes back is there at once";
  look_at({kSitter});
  EXPECT_TRUE(seen_.area);
  EXPECT_TRUE(sees(kSitter));
}

TEST_F(Cropping, ASecondPersonIsFoundWithinHalfASecond) {
  constexpr Rect kVisitor{20, 60, {80, 300}};
  look_at({kSitter});
  int waited = 0;
  do look_at({kSitter, kVisitor});
  while (!sees(kVisitor) && ++waited < 40);
  EXPECT_LE(waited, 15);
  EXPECT_TRUE(sees(kSitter));
  for (int i = 0; i < 30; ++i) {
    look_at({kSitter, kVisitor});
    EXPECT_TRUE(sees(kSitter) && sees(kVisitor)) << "and stays";
  }
  for (int i = 0; i < 30; ++i) look_at({kSitter});
  EXPECT_NEAR(seen_.area->size.width, 1.2 * 160, 12) << "and is forgotten";
}

TEST_F(Cropping, AnArmThatReachesOutIsFollowedWithoutASecondLook) {
  look_at({kSitter});
  for (int i = 0; i < 20; ++i) look_at({kSitter});
  int waited = 0;
  constexpr Rect kArm{380, 200, {180, 30}};
  do look_at({kSitter, kArm});
  while (!is_person(555, 215) && ++waited < 40);
  EXPECT_LE(waited, 7);
}

TEST_F(Cropping, PeopleFarApartAreOneLookAtEverything) {
  const std::vector<Rect> people{{10, 20, {120, 340}}, {510, 20, {120, 340}}};
  EXPECT_EQ(look_at(people), 1U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(look_at(people), 1U);
  EXPECT_FALSE(seen_.area);
}

TEST_F(Cropping, AnErrorOfTheNetworkIsHandedOn) {
  look_at({kSitter});
  EXPECT_FALSE(segmenter_.segment(Frame(), seen_));
  EXPECT_GE(look_at({kSitter}), 1U);
  EXPECT_TRUE(sees(kSitter));
}

TEST(MakeSegmenter, CropsOnlyWhenAskedTo) {
  for (const bool roi : {true, false}) {
    const auto made = make_segmenter({.roi = roi}, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(dynamic_cast<CroppingSegmenter*>(made->get()) != nullptr, roi);
  }
}

double alpha_at(const Confidence& confidence, Size frame, int x, int y) {
  const Rect area = confidence.area.value_or(Rect{0, 0, frame});
  if (x < area.x || y < area.y || x >= area.x + area.size.width || y >= area.y + area.size.height) return 0;
  const int column = (x - area.x) * confidence.size.width / area.size.width;
  const int row = (y - area.y) * confidence.size.height / area.size.height;
  return confidence.values[static_cast<std::size_t>(row * confidence.size.width + column)];
}

/// How far luma goes in a file of true mattes.
struct LumaRange {
  double black, white;
};
constexpr LumaRange kLimited{16, 235};
constexpr LumaRange kFull{0, 255};  ///< of a gray video whose numbers are meant as they are

/// Mean of what is wrong with mattes that are made of the network's word alone, times 1000.
double mean_error(const std::string& pictures, const std::string& truth, LumaRange range, bool roi, int count) {
  const auto segmenter = make_segmenter({.roi = roi}, {});
  auto frames = VideoReader::open(pictures);
  auto mattes = VideoReader::open(truth);
  if (!segmenter || !frames || !mattes) return NAN;
  Confidence confidence;
  double sum = 0;
  double pixels = 0;
  for (int i = 0; i < count; ++i) {
    const auto frame = frames->next();
    const auto matte = mattes->next();
    if (!frame || !*frame || !matte || !*matte || !(*segmenter)->segment(**frame, confidence)) return NAN;
    const Size size = (*frame)->size();
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x)
        sum += std::abs(alpha_at(confidence, size, x, y) -
                        ((*matte)->y().row(y)[x] - range.black) / (range.white - range.black));
    pixels += double(size.width) * size.height;
  }
  return 1000 * sum / pixels;
}

TEST(CroppingQuality, ADancerIsCutOutTwiceAsWell) {
  const std::string folder = VIBA_SHARED_DIR "/data/video/truth/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "There are no clips with true mattes in " << folder;
  const double without = mean_error(folder + "dancer_a.mp4", folder + "dancer_a.alpha.mkv", kFull, false, 60);
  const double with = mean_error(folder + "dancer_a.mp4", folder + "dancer_a.alpha.mkv", kFull, true, 60);
  EXPECT_LT(with, 0.65 * without);
  EXPECT_LT(with, 12);
  RecordProperty("with", std::to_string(with));
  RecordProperty("without", std::to_string(without));
}

TEST(CroppingQuality, StillsGainToo) {
  const std::filesystem::path folder = VIBA_SHARED_DIR "/data/people/alpha";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "There are no stills with true mattes in " << folder;
  double with = 0;
  double without = 0;
  for (const auto& still : std::filesystem::directory_iterator(folder / "image")) {
    const auto truth = (folder / "alpha" / still.path().stem()).string() + ".png";
    with += mean_error(still.path(), truth, kLimited, true, 1);
    without += mean_error(still.path(), truth, kLimited, false, 1);
  }
  EXPECT_LT(with, 0.8 * without);
}

}  // namespace
}  // namespace viba::test
