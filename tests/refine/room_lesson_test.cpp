#include "refine/room_lesson.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace viba {
namespace {

using Step = RoomLesson::Step;
using std::chrono::milliseconds;

class Lesson : public testing::Test {
 protected:
  Step look(bool nobody, int ms) { return lesson_.look(nobody, milliseconds(ms)); }

  std::vector<std::string> said_;
  RoomLesson lesson_{Log([this](LogLevel, std::string_view text) { said_.emplace_back(text); })};
};

TEST_F(Lesson, IsNotGivenUnlessAskedFor) {
  EXPECT_EQ(look(true, 0), Step::kNone);
  EXPECT_EQ(look(false, 33), Step::kNone);
}

TEST_F(Lesson, WaitsUntilNobodyIsThereAndThenTakesThreeSeconds) {
  lesson_.begin();
  EXPECT_EQ(look(false, 1000), Step::kWait);
  EXPECT_EQ(look(true, 2000), Step::kBegin);
  EXPECT_EQ(look(true, 2033), Step::kGoOn);
  EXPECT_EQ(look(true, 4999), Step::kGoOn);
  EXPECT_EQ(look(true, 5000), Step::kLast);
  EXPECT_EQ(look(true, 5033), Step::kNone);
  EXPECT_EQ(said_, std::vector<std::string>{"The room is learnt; come back into the picture."});
}

TEST_F(Lesson, BeginsAgainWhenSomebodyComesIn) {
  lesson_.begin();
  EXPECT_EQ(look(true, 0), Step::kBegin);
  EXPECT_EQ(look(false, 2000), Step::kWait);
  EXPECT_EQ(look(true, 3500), Step::kBegin);
  EXPECT_EQ(look(true, 6000), Step::kGoOn);
  EXPECT_EQ(look(true, 6500), Step::kLast);
}

TEST_F(Lesson, IsGivenUpAfterHalfAMinute) {
  lesson_.begin();
  EXPECT_EQ(look(false, 500), Step::kWait);
  EXPECT_EQ(look(false, 30400), Step::kWait);
  EXPECT_EQ(look(false, 30600), Step::kNone);
  EXPECT_EQ(look(true, 30700), Step::kNone);
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("half a minute"), std::string::npos);
  lesson_.begin();
  EXPECT_EQ(look(true, 40000), Step::kBegin) << "it may be asked for again";
}

TEST_F(Lesson, TimeThatGoesBackBeginsAgain) {
  lesson_.begin();
  EXPECT_EQ(look(true, 9000), Step::kBegin);
  EXPECT_EQ(look(true, 10), Step::kBegin);
  EXPECT_EQ(look(true, 2000), Step::kGoOn);
}

}  // namespace
}  // namespace viba
