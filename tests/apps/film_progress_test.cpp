#include "film_progress.h"

#include <gtest/gtest.h>

namespace viba::app {
namespace {

using namespace std::chrono_literals;

TEST(FilmProgress, SaysHowFarAndHowLongStill) {
  EXPECT_EQ(progress_line(60, 150, 2s), "[#########               ]  40 %  60 of 150 frames, 30 a second, 0:03 left");
  EXPECT_EQ(progress_line(1, 7200, 1s), "[                        ]   0 %  1 of 7200 frames, 1 a second, 1:59:59 left");
}

TEST(FilmProgress, PromisesNothingBeforeTheFirstFrame) {
  EXPECT_EQ(progress_line(0, 150, 0s), "[                        ]   0 %  0 of 150 frames, 0 a second");
}

TEST(FilmProgress, IsOfAFileThatDoesNotTellItsLength) { EXPECT_EQ(progress_line(60, 0, 2s), "60 frames, 30 a second"); }

TEST(FilmProgress, IsNotDoneBeforeTheEndAndNotBeyondIt) {
  EXPECT_TRUE(progress_line(9999, 10000, 1s).find(" 99 %") != std::string::npos);
  EXPECT_TRUE(progress_line(10000, 10000, 1s).find("100 %") != std::string::npos);
  const auto more = progress_line(10001, 10000, 1s);
  EXPECT_TRUE(more.find(" 99 %") != std::string::npos) << more;
  EXPECT_EQ(more.find("left"), std::string::npos) << more;
}

}  // namespace
}  // namespace viba::app
