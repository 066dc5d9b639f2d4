#include "base/mailbox.h"

#include <thread>

#include <gtest/gtest.h>

namespace viba {
namespace {

using namespace std::chrono_literals;

TEST(Mailbox, TheNewestItemWinsAndTheLossIsTold) {
  Mailbox<int> box;
  EXPECT_FALSE(box.put_newest(1));
  EXPECT_TRUE(box.put_newest(2));
  EXPECT_EQ(box.take({}), 2);
  EXPECT_FALSE(box.put_newest(3));
}

TEST(Mailbox, WaitingPutLosesNothing) {
  Mailbox<int> box;
  std::jthread producer([&](const std::stop_token& stop) {
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(box.put_waiting(i, stop));
  });
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(box.take({}), i);
}

TEST(Mailbox, AStopEndsEveryWait) {
  Mailbox<int> box;
  std::stop_source stop;
  std::jthread taker([&] { EXPECT_EQ(box.take(stop.get_token()), std::nullopt); });
  Mailbox<int> full;
  full.put_newest(1);
  std::jthread putter([&] { EXPECT_FALSE(full.put_waiting(2, stop.get_token())); });
  stop.request_stop();
}

TEST(Mailbox, TakeForGivesUpWhenNothingComes) {
  Mailbox<int> box;
  EXPECT_EQ(box.take_for({}, 1ms), std::nullopt);
  box.put_newest(5);
  EXPECT_EQ(box.take_for({}, 1h), 5);
}

}  // namespace
}  // namespace viba
