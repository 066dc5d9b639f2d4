#include "segment/region_tracker.h"

#include <gtest/gtest.h>

namespace viba::test {
namespace {

constexpr Size kFrame{1280, 720};
constexpr Size kInput{256, 256};
const Region kSomebody{400, 200, 800, 600};

Sighting sighting(Region people, double cover = 0.2) { return {.people = people, .cover = cover}; }

RegionTracker tracker() {
  RegionTracker made(kInput);
  made.reset(kFrame);
  return made;
}

/// Where sides are, right and bottom included.
Region sides(const std::optional<Rect>& part) {
  if (!part) return {};
  return {double(part->x), double(part->y), double(part->x + part->size.width), double(part->y + part->size.height)};
}

TEST(RegionTracker, LooksAtEverythingUntilSomebodyIsThere) {
  auto tracked = tracker();
  EXPECT_FALSE(tracked.part());
  tracked.follow({}, true);
  EXPECT_FALSE(tracked.part());
  tracked.follow(sighting(kSomebody, 0.01), true);
  EXPECT_FALSE(tracked.part()) << "somebody so small is as good as lost";
}

TEST(RegionTracker, LeavesRoomOnEachSide) {
  auto tracked = tracker();
  tracked.follow(sighting(kSomebody), true);
  EXPECT_EQ(sides(tracked.part()), (Region{360, 160, 840, 640}));
  tracked.reset(kFrame);
  tracked.follow(sighting(kSomebody), true, RegionTracker::kWideMargin);
  EXPECT_EQ(sides(tracked.part()), (Region{320, 120, 880, 680}));
}

TEST(RegionTracker, StaysWithinThePicture) {
  auto tracked = tracker();
  tracked.follow(sighting({0, 300, 500, 720}), true);
  EXPECT_EQ(sides(tracked.part()), (Region{0, 258, 550, 720}));
}

TEST(RegionTracker, GrowsAtOnceAndShrinksSlowly) {
  auto tracked = tracker();
  tracked.follow(sighting(kSomebody), true);
  tracked.follow(sighting({400, 200, 900, 600}), false);
  EXPECT_EQ(sides(tracked.part()), (Region{350, 160, 950, 640}));
  tracked.follow(sighting(kSomebody), false);
  EXPECT_EQ(sides(tracked.part()), (Region{352, 160, 918, 640})) << "a third of the way, rounded outwards";
  for (int i = 0; i < 40; ++i) tracked.follow(sighting(kSomebody), false);
  EXPECT_NEAR(tracked.part()->size.width, 480, 4);
}

TEST(RegionTracker, GivesEvenNumbers) {
  auto tracked = tracker();
  tracked.follow(sighting({401, 203, 777, 555}), true);
  const Rect part = *tracked.part();
  for (const int number : {part.x, part.y, part.size.width, part.size.height}) EXPECT_EQ(number % 2, 0);
}

TEST(RegionTracker, WidensWhatIsNarrow) {
  auto tracked = tracker();
  tracked.follow(sighting({600, 20, 700, 700}, 0.07), true);
  const Rect part = *tracked.part();
  EXPECT_EQ(part.size.height, 720);
  EXPECT_NEAR(part.size.width, 720 / 1.4, 4);
  EXPECT_NEAR(part.x + part.size.width / 2.0, 650, 2) << "on both sides alike";

  tracked.reset(kFrame);
  tracked.follow(sighting({0, 20, 60, 700}, 0.04), true);
  EXPECT_EQ(tracked.part()->x, 0) << "or away from the picture's edge";
  EXPECT_NEAR(tracked.part()->size.width, 720 / 1.4, 4);
}

TEST(RegionTracker, MeasuresStretchAgainstTheInput) {
  RegionTracker tracked({256, 144});
  tracked.reset(kFrame);
  tracked.follow(sighting({500, 100, 900, 500}), true);
  const Size size = tracked.part()->size;
  EXPECT_NEAR(double(size.width) / size.height, 256.0 / 144 / 1.4, 0.02);
}

TEST(RegionTracker, DoesNotEnlargeAFewPixels) {
  RegionTracker tracked(kInput);
  tracked.reset({320, 240});
  tracked.follow(sighting({100, 100, 150, 150}, 0.03), true);
  EXPECT_NEAR(tracked.part()->size.width, 128, 2);
  EXPECT_NEAR(tracked.part()->size.height, 128, 2);
}

TEST(RegionTracker, TakesTheWholePictureWhereAPartGainsNothing) {
  auto tracked = tracker();
  tracked.follow(sighting({50, 50, 1230, 700}, 0.4), true);
  EXPECT_FALSE(tracked.part());
}

TEST(RegionTracker, PicturesOfAnyShapeHaveParts) {
  for (const Size size : {Size{2, 2}, {2, 2000}, {1998, 2}, {34, 34}}) {
    RegionTracker tracked(kInput);
    tracked.reset(size);
    const double x = size.width / 4.0;
    const double y = size.height / 4.0;
    tracked.follow(sighting({x, y, 2 * x, 2 * y}), true);
    const Rect part = tracked.part().value_or(Rect{0, 0, size});
    EXPECT_GE(part.x, 0);
    EXPECT_GE(part.y, 0);
    EXPECT_GE(part.size.width, 2);
    EXPECT_GE(part.size.height, 2);
    EXPECT_LE(part.x + part.size.width, size.width);
    EXPECT_LE(part.y + part.size.height, size.height);
  }
}

TEST(RegionTracker, LooksAroundNowAndThen) {
  auto tracked = tracker();
  const Sighting seen = sighting(kSomebody);
  Sighting cut = seen;
  cut.cut = true;
  tracked.follow(seen, true);
  EXPECT_TRUE(tracked.wants_whole({})) << "nobody is left";
  for (int i = 0; i < 14; ++i) {
    EXPECT_FALSE(tracked.wants_whole(seen));
    EXPECT_EQ(tracked.wants_whole(cut), i >= 7) << "sooner where somebody goes on";
    tracked.follow(seen, false);
  }
  EXPECT_TRUE(tracked.wants_whole(seen));
  tracked.follow(seen, true);
  EXPECT_FALSE(tracked.wants_whole(seen));
}

/// A grid of 10x10 with people where `is_person` says.
template <class IsPerson>
Confidence grid_of(IsPerson is_person) {
  Confidence confidence{.size = {10, 10}, .values = {}, .area = {}};
  for (int y = 0; y < 10; ++y)
    for (int x = 0; x < 10; ++x) confidence.values.push_back(is_person(x, y) ? 0.9F : 0.05F);
  return confidence;
}

TEST(PeopleFinder, FindsThemInTheWholePicture) {
  PeopleFinder finder(0.5);
  const auto seen = finder.find(grid_of([](int x, int y) { return x >= 2 && x < 4 && y >= 5; }), {1000, 500});
  EXPECT_EQ(seen.people, (Region{200, 250, 400, 500}));
  EXPECT_NEAR(seen.cover, 0.1, 1e-9);
  EXPECT_FALSE(seen.cut);
}

TEST(PeopleFinder, FindsThemInAPart) {
  PeopleFinder finder(0.5);
  auto confidence = grid_of([](int x, int y) { return x >= 2 && x < 4 && y >= 5; });
  confidence.area = Rect{100, 300, {200, 200}};
  const auto seen = finder.find(confidence, {1000, 500});
  EXPECT_EQ(seen.people, (Region{140, 400, 180, 500}));
  EXPECT_NEAR(seen.cover, 0.1 * 0.08, 1e-9);
  EXPECT_FALSE(seen.cut) << "the picture ends there, too";
  confidence.area = Rect{100, 200, {200, 200}};
  EXPECT_TRUE(finder.find(confidence, {1000, 500}).cut);
}

TEST(PeopleFinder, SpecksAreNobody) {
  PeopleFinder finder(0.5);
  auto confidence = grid_of([](int x, int y) { return x == 5 && y == 5; });
  EXPECT_TRUE(finder.find(confidence, {1000, 500}).people) << "a hundredth of the picture";
  confidence.area = Rect{100, 100, {400, 200}};
  EXPECT_FALSE(finder.find(confidence, {1000, 500}).people) << "less than 0.2% of it";
}

TEST(PeopleFinder, TheModelsThresholdCounts) {
  auto confidence = grid_of([](int x, int) { return x < 5; });
  for (float& value : confidence.values) value *= 0.5F;
  EXPECT_TRUE(PeopleFinder(0.5).find(confidence, {1000, 500}).people);
  EXPECT_EQ(PeopleFinder(0.5).find(confidence, {1000, 500}).cover, 0);
  EXPECT_FALSE(PeopleFinder(0.8).find(confidence, {1000, 500}).people);
}

}  // namespace
}  // namespace viba::test
