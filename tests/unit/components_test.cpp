#include "media/components.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

namespace viba {
namespace {

/// Rows of characters: '#' is over the threshold.
struct Drawing {
  explicit Drawing(const std::vector<std::string>& rows)
      : size{static_cast<int>(rows[0].size()), static_cast<int>(rows.size())} {
    for (const auto& row : rows)
      for (const char c : row) values.push_back(c == '#' ? 0.9F : 0.5F);
  }
  Size size;
  std::vector<float> values;
};

std::vector<Component> components_of(const std::vector<std::string>& rows) {
  const Drawing drawing(rows);
  Components components;
  components.find(drawing.values, drawing.size, 0.5F);
  return {components.all().begin(), components.all().end()};
}

TEST(Components, CornersHangTogether) {
  EXPECT_EQ(components_of({"#.", ".#"}).size(), 1U);
  EXPECT_EQ(components_of({".#", "#."}).size(), 1U);
}

TEST(Components, MeetAgainFarBelow) {
  const auto found = components_of({"#.#.#",  //
                                    "#.#.#",  //
                                    "#.###",  //
                                    "#....",  //
                                    "#####"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].cells, 9);
  EXPECT_EQ(found[0].box, (Rect{0, 0, {5, 5}}));
  EXPECT_EQ(found[1].cells, 7);
  EXPECT_EQ(found[1].box, (Rect{2, 0, {3, 3}}));
}

TEST(Components, ASpiralIsOne) {
  const auto found = components_of({"#######",  //
                                    "......#",  //
                                    "#####.#",  //
                                    "#...#.#",  //
                                    "#.###.#",  //
                                    "#.....#",  //
                                    "#######"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].box, (Rect{0, 0, {7, 7}}));
}

TEST(Components, HaveTheirCentreOfMass) {
  const auto found = components_of({"....", ".##.", ".##."});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_DOUBLE_EQ(found[0].x, 2);
  EXPECT_DOUBLE_EQ(found[0].y, 2);
}

TEST(Components, OfNothingThereAreNone) { EXPECT_TRUE(components_of({"...", "..."}).empty()); }

/// What is reached from a cell by stepping from neighbour to neighbour.
void flood(std::vector<std::int32_t>& labels, Size size, int x, int y, std::int32_t label) {
  if (x < 0 || y < 0 || x >= size.width || y >= size.height) return;
  auto& here = labels[static_cast<std::size_t>(y * size.width + x)];
  if (here != -2) return;
  here = label;
  for (int dy = -1; dy <= 1; ++dy)
    for (int dx = -1; dx <= 1; ++dx) flood(labels, size, x + dx, y + dy, label);
}

TEST(Components, AgreeWithFlooding) {
  std::mt19937 random(1);
  Components components;
  for (int round = 0; round < 300; ++round) {
    const Size size{1 + static_cast<int>(random() % 20), 1 + static_cast<int>(random() % 20)};
    std::vector<float> values(static_cast<std::size_t>(size.width * size.height));
    for (float& value : values) value = static_cast<float>(random() % 100) / 100;
    constexpr float kThreshold = 0.6F;
    std::vector<std::int32_t> expected(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) expected[i] = values[i] > kThreshold ? -2 : Components::kNone;
    std::int32_t count = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (expected[i] == -2)
        flood(expected, size, static_cast<int>(i) % size.width, static_cast<int>(i) / size.width, count++);
    components.find(values, size, kThreshold);
    ASSERT_EQ(components.all().size(), static_cast<std::size_t>(count));
    ASSERT_THAT(components.labels(), testing::ElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace viba
