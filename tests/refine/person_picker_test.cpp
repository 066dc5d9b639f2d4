#include "refine/person_picker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace viba::test {
namespace {

constexpr Size kGrid{320, 180};

/// An ellipse with an edge of some cells, which goes out through faint values.
struct Blob {
  double x, y, width, height;
};

constexpr Blob kSitter{160, 130, 80, 110};
constexpr Blob kPasser{40, 110, 40, 90};

class Picked : public testing::Test {
 protected:
  void show(const std::vector<Blob>& blobs, int times = 1) {
    for (int i = 0; i < times; ++i) {
      matte_ = drawn(blobs);
      picker_.run(matte_, kGrid);
    }
  }
  static std::vector<float> drawn(const std::vector<Blob>& blobs) {
    std::vector<float> matte(static_cast<std::size_t>(kGrid.width * kGrid.height));
    for (int y = 0; y < kGrid.height; ++y)
      for (int x = 0; x < kGrid.width; ++x) {
        float& cell = matte[static_cast<std::size_t>(y * kGrid.width + x)];
        for (const Blob& blob : blobs) {
          const double radius = std::hypot((x - blob.x) / blob.width, (y - blob.y) / blob.height) * 2;
          cell = std::max(cell, static_cast<float>(std::clamp((1 - radius) * blob.width / 8 + 0.5, 0.0, 1.0)));
        }
      }
    return matte;
  }
  float at(double x, double y) const {
    return matte_[static_cast<std::size_t>(y) * std::size_t{kGrid.width} + static_cast<std::size_t>(x)];
  }
  bool shows(const Blob& blob) const { return at(blob.x, blob.y) > 0.5F; }

  std::vector<float> matte_;
  PersonPicker picker_;
};

TEST_F(Picked, OnePersonStaysAsTheyAre) {
  show({kSitter});
  EXPECT_EQ(matte_, drawn({kSitter}));
}

TEST_F(Picked, APasserByDropsOutWithTheirSoftEdgeAndLeavesThePersonsWhole) {
  show({kSitter, kPasser});
  EXPECT_EQ(matte_, drawn({kSitter}));
}

TEST_F(Picked, WhoIsLargerButAtTheEdgeIsNotTheMainOne) {
  const Blob large{30, 110, 90, 130};
  show({kSitter, large});
  EXPECT_TRUE(shows(kSitter));
  EXPECT_FALSE(shows(large));
}

TEST_F(Picked, WhoIsNearerToTheMiddleButFarAwayIsNotEither) {
  const Blob sitter{200, 120, 100, 120};
  const Blob small{126, 60, 12, 30};
  show({sitter, small});
  EXPECT_TRUE(shows(sitter));
  EXPECT_FALSE(shows(small));
}

TEST_F(Picked, WhoPassesBehindIsOutOnBothSides) {
  show({kSitter}, 10);
  for (double x = 20; x <= 300; x += 4) {
    const Blob passer{x, 90, 36, 80};
    show({kSitter, passer});
    EXPECT_TRUE(shows(kSitter)) << x;
    if (std::abs(x - kSitter.x) > 70) {
      EXPECT_FALSE(shows(passer)) << x;
    }
  }
  EXPECT_EQ(matte_, drawn({kSitter}));
}

TEST_F(Picked, WhoPassesCloseToTheCameraDoesNotTakeOver) {
  for (const double pace : {4, 8, 12, 20}) {
    show({kSitter}, 30);
    for (double x = -40; x <= 380; x += pace) {
      const Blob passer{x, 100, 110, 170};
      show({kSitter, passer});
      EXPECT_TRUE(shows(kSitter)) << x << " at " << pace;
    }
    EXPECT_EQ(matte_, drawn({kSitter}));
  }
}

TEST_F(Picked, NobodyIsShownWhileThePersonIsGoneForAMoment) {
  show({kSitter, kPasser}, 5);
  for (int i = 0; i < 14; ++i) {
    show({kPasser});
    EXPECT_EQ(std::ranges::max(matte_), 0) << i;
  }
  show({kSitter, kPasser});
  EXPECT_EQ(matte_, drawn({kSitter}));
}

TEST_F(Picked, WhoStaysIsTheMainPersonAfterHalfASecond) {
  show({kSitter, kPasser}, 5);
  show({kPasser}, 15);
  EXPECT_EQ(matte_, drawn({kPasser}));
  show({kPasser}, 30);
  EXPECT_EQ(matte_, drawn({kPasser}));
}

TEST_F(Picked, WhoComesIntoAnEmptyRoomIsThereAtOnce) {
  show({kSitter}, 5);
  show({}, 20);
  show({kPasser});
  EXPECT_TRUE(shows(kPasser));
}

TEST_F(Picked, TwoAlikeDoNotTakeTurns) {
  int changes = 0;
  for (int i = 0; i < 200; ++i) {
    const double sway = 6 * std::sin(i * 0.3);
    const Blob left{100 + sway, 120, 60 + sway, 100};
    const Blob right{220 + sway, 120, 60 - sway, 100};
    const bool was_left = i > 0 && at(left.x, left.y) > 0.5F;
    show({left, right});
    EXPECT_NE(shows(left), shows(right));
    changes += i > 0 && was_left != shows(left) ? 1 : 0;
  }
  EXPECT_EQ(changes, 0);
}

TEST_F(Picked, WhoIsMuchMoreInTheMiddleTakesOverAfterAWhile) {
  const Blob aside{60, 120, 60, 100};
  show({aside}, 20);
  show({aside, kSitter}, 14);
  EXPECT_TRUE(shows(aside));
  EXPECT_FALSE(shows(kSitter));
  show({aside, kSitter}, 2);
  EXPECT_FALSE(shows(aside));
  EXPECT_TRUE(shows(kSitter));
}

TEST_F(Picked, WhoWalksIsFollowed) {
  const Blob passer{290, 110, 40, 90};
  for (double x = 60; x < 240; x += 5) {
    const Blob walker{x, 120, 60, 110};
    show({walker, passer});
    EXPECT_TRUE(shows(walker)) << x;
  }
}

TEST_F(Picked, AHandCutOffByAThinGapStays) {
  const Blob hand{214, 120, 16, 20};
  show({kSitter, hand});
  EXPECT_TRUE(shows(hand));
  const Blob ball{300, 60, 16, 20};
  show({kSitter, hand, ball});
  EXPECT_TRUE(shows(hand));
  EXPECT_FALSE(shows(ball));
}

TEST_F(Picked, AHandThatWasTheirsStaysALittleFarther) {
  const Blob arm{205, 120, 50, 14};
  show({kSitter, arm}, 10);
  const Blob hand{222, 120, 14, 14};
  show({kSitter, hand});
  EXPECT_TRUE(shows(hand));
  picker_.reset();
  show({kSitter, hand});
  EXPECT_FALSE(shows(hand)) << "it was nobody's";
}

TEST_F(Picked, AResetForgetsWhoItWas) {
  show({kPasser}, 20);
  picker_.reset();
  show({kSitter, kPasser});
  EXPECT_TRUE(shows(kSitter));
  EXPECT_FALSE(shows(kPasser));
}

TEST_F(Picked, GridsOfAnySizeAreTaken) {
  for (const Size size : {Size{1, 1}, {320, 1}, {1, 180}, {7, 5}}) {
    std::vector<float> matte(static_cast<std::size_t>(size.width * size.height), 1.0F);
    picker_.run(matte, size);
    EXPECT_EQ(std::ranges::min(matte), 1);
  }
}

}  // namespace
}  // namespace viba::test
