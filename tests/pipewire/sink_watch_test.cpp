#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "pipewire/sink_test.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// Nothing happens for so long when nothing is to happen.
constexpr auto kNothingHappens = 500ms;

std::ptrdiff_t entries(const char* folder) {
  return std::ranges::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

long resident_pages() {
  long all = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident;
}

class SinkWatch : public SinkTest {
 protected:
  std::unique_ptr<Sink> watched() {
    auto sink = open_chart();
    if (sink) sink->watch(told_.listener());
    return sink;
  }
};

TEST_F(SinkWatch, TellsWhenTheFirstComesAndTheLastHasLeft) {
  const auto sink = watched();
  EXPECT_THAT(told_.words(), ElementsAre(false)) << "told at once";
  auto first = start_viewer({"--target", kCamera});
  ASSERT_TRUE(told_.when(1));
  auto second = start_viewer({"--target", kCamera});
  expect_chart(*second);
  first.reset();
  std::this_thread::sleep_for(kNothingHappens);
  EXPECT_THAT(told_.words(), ElementsAre(false, true));
  second.reset();
  ASSERT_TRUE(told_.when(2));
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false));
}

TEST_F(SinkWatch, TellsOfWhoWasThereBefore) {
  const auto sink = open_chart();
  const auto viewer = start_viewer({"--target", kCamera});
  expect_chart(*viewer);
  sink->watch(told_.listener());
  EXPECT_THAT(told_.words(), ElementsAre(true));
}

TEST_F(SinkWatch, PassesOverTheFlapsOfAConsumer) {
  const auto sink = watched();
  const auto viewer = start_viewer({"--target", kCamera});
  ASSERT_TRUE(told_.when(1));
  viewer->signal(SIGUSR1);
  ASSERT_TRUE(told_.when(2)) << "it rests";
  viewer->signal(SIGUSR1);
  ASSERT_TRUE(told_.when(3)) << "it goes on";
  ASSERT_TRUE(viewer->next_line("awake"));
  for (int i = 0; i < 5; ++i) {
    viewer->signal(SIGUSR1);
    ASSERT_TRUE(viewer->next_line("resting"));
    viewer->signal(SIGUSR1);
    ASSERT_TRUE(viewer->next_line("awake"));
  }
  std::this_thread::sleep_for(kNothingHappens);
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false, true));
}

TEST_F(SinkWatch, TellsNobodyAfterTheSinkHasGone) {
  auto sink = watched();
  const auto viewer = start_viewer({"--target", kCamera});
  ASSERT_TRUE(told_.when(1));
  std::jthread writer([&, &open = *sink](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      EXPECT_TRUE(open.write(picture()));
      std::this_thread::sleep_for(1ms);
    }
  });
  for (int n = 0; n < 30; ++n) ASSERT_TRUE(viewer->next_line("frame"));
  writer.request_stop();
  writer.join();
  sink.reset();
  const auto words = told_.words();
  EXPECT_THAT(*list_pipewire_cameras(), IsEmpty());
  std::this_thread::sleep_for(kNothingHappens);
  EXPECT_EQ(told_.words(), words);
}

TEST_F(SinkWatch, LeaksNothingInFiftyRounds) {
  constexpr int kRounds = 50;
  const auto sink = watched();
  std::size_t word = 1;
  std::ptrdiff_t descriptors = 0;
  std::ptrdiff_t threads = 0;
  long pages = 0;
  for (int round = 1; round <= kRounds; ++round) {
    auto viewer = start_viewer({"--target", kCamera, "--format", round % 2 == 0 ? "I420" : "YUY2"});
    ASSERT_TRUE(told_.when(word++)) << "round " << round;
    expect_chart(*viewer);
    viewer.reset();
    ASSERT_TRUE(told_.when(word++)) << "round " << round;
    if (round != 10) continue;
    descriptors = entries("/proc/self/fd");
    threads = entries("/proc/self/task");
    pages = resident_pages();
  }
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  EXPECT_EQ(entries("/proc/self/task"), threads);
  EXPECT_LE(resident_pages() - pages, 256) << "pages, less than any buffers' worth";
  EXPECT_THAT(lines_.lines(), IsEmpty());
}

}  // namespace
}  // namespace viba::pipewire_test
