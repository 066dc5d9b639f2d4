#include <filesystem>

#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr auto kPromised = 200ms;

/// Nothing happens for so long when nothing is to happen.
void wait_for_nothing() { poll(nullptr, 0, 400); }

std::string module_version() {
  std::string version = file_text("/sys/module/v4l2loopback/version");
  return version.empty() ? "0.12.7" : version.substr(0, version.find('\n'));
}

class LoopbackWatch : public LoopbackTest {
 protected:
  /// A fake camera that shows the first picture, and is watched for readers.
  std::unique_ptr<Sink> watched(const std::string& device = kLoopback) {
    auto sink = open(kLoopbackSize, device);
    if (!sink) return nullptr;
    EXPECT_TRUE(sink->write(picture(kLoopbackSize)));
    sink->watch(told_.listener());
    return sink;
  }

  /// That a reader of this kind is told of, in time, when it comes and when it goes.
  void expect_seen(const std::string& how) {
    const auto sink = watched();
    ASSERT_TRUE(sink);
    EXPECT_THAT(told_.words(), ElementsAre(false)) << "told at once";
    TurnedReader reader(folder_, how);
    for (std::size_t round = 0; round < 3; ++round) {
      const auto on = reader.turn();
      const auto seen = told_.when(2 * round + 1);
      ASSERT_TRUE(seen) << "round " << round;
      EXPECT_LE(*seen - on, kPromised) << "round " << round;
      const auto off = reader.turn();
      const auto missed = told_.when(2 * round + 2);
      ASSERT_TRUE(missed) << "round " << round;
      EXPECT_LE(*missed - off, kPromised) << "round " << round;
    }
    EXPECT_THAT(told_.words(), ElementsAre(false, true, false, true, false, true, false));
    EXPECT_THAT(lines_.lines(), SizeIs(0));
  }

  Told told_;
};

TEST_F(LoopbackWatch, TellsOfReadersThatStream) { expect_seen("stream"); }
TEST_F(LoopbackWatch, TellsOfReadersThatRead) { expect_seen("read"); }

TEST_F(LoopbackWatch, TellsOfAReaderThatWasThereBefore) {
  auto first = open(kLoopbackSize);
  ASSERT_TRUE(first);
  ASSERT_TRUE(first->write(picture(kLoopbackSize)));
  TurnedReader reader(folder_, "stream");
  (void)reader.turn();
  first.reset();
  const auto second = watched();
  ASSERT_TRUE(second);
  EXPECT_THAT(told_.words(), ElementsAre(true));
  (void)reader.turn();
  EXPECT_TRUE(told_.when(1));
  EXPECT_THAT(told_.words(), ElementsAre(true, false));
}

TEST_F(LoopbackWatch, TakesNoProgramThatAsksForAReader) {
  const auto sink = watched();
  ASSERT_TRUE(sink);
  TurnedReader reader(folder_, "ask");
  for (int i = 0; i < 3; ++i) (void)reader.turn();
  EXPECT_EQ(run({"v4l2-ctl", "-d", kLoopback, "--info"}), 0);
  wait_for_nothing();
  EXPECT_THAT(told_.words(), ElementsAre(false));
}

TEST_F(LoopbackWatch, TakesNeitherItselfNorItsChildrenForReaders) {
  const auto sink = watched();
  ASSERT_TRUE(sink);
  const int own = ::open(kLoopback, O_RDWR | O_CLOEXEC);
  ASSERT_GE(own, 0);
  // The child has copies of all our descriptors, that of the sink among them.
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  wait_for_nothing();
  EXPECT_THAT(told_.words(), ElementsAre(false));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(own);
}

/// Readers that only have the device open are seen where nothing else can be.
TEST_F(LoopbackWatch, TakesWhoHoldsTheDeviceForAReaderOnlyWithoutTheEvent) {
  const auto sink = watched();
  ASSERT_TRUE(sink);
  TurnedReader reader(folder_, "hold");
  (void)reader.turn();
  if (module_version().starts_with("0.12.") || module_version().starts_with("0.13.")) {
    EXPECT_TRUE(told_.when(1));
    EXPECT_THAT(told_.words(), ElementsAre(false, true));
  } else {
    wait_for_nothing();
    EXPECT_THAT(told_.words(), ElementsAre(false));
  }
}

/// As WirePlumber holds the nodes of cameras, and PipeWire maps them when a program wants pictures.
TEST_F(LoopbackWatch, TakesASessionDaemonForAReaderOnlyWhileItMapsTheDevice) {
  const auto sink = watched();
  ASSERT_TRUE(sink);
  TurnedReader daemon(folder_, "daemon");
  std::size_t word = 1;
  for (int round = 0; round < 2; ++round) {
    (void)daemon.turn();
    wait_for_nothing();
    EXPECT_THAT(told_.words(), SizeIs(word)) << "it only holds the device";
    (void)daemon.turn();
    ASSERT_TRUE(told_.when(word++)) << "it maps it";
    (void)daemon.turn();
    ASSERT_TRUE(told_.when(word++)) << "it closed it";
  }
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false, true, false));
}

TEST_F(LoopbackWatch, TellsOfAReaderBesideASessionDaemon) {
  TurnedReader daemon(folder_, "daemon");
  (void)daemon.turn();
  const auto sink = watched();
  ASSERT_TRUE(sink);
  TurnedReader reader(folder_, "read");
  (void)reader.turn();
  EXPECT_TRUE(told_.when(1));
  (void)reader.turn();
  EXPECT_TRUE(told_.when(2));
  wait_for_nothing();
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false));
}

TEST_F(LoopbackWatch, LeaksNothingInAHundredRounds) {
  const auto descriptors = [] {
    return std::ranges::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                                 std::filesystem::directory_iterator());
  };
  const auto pages = [] {
    long all = 0;
    long resident = 0;
    std::istringstream(file_text("/proc/self/statm")) >> all >> resident;
    return resident;
  };
  TurnedReader reader(folder_, "stream");
  const auto sink = watched();
  ASSERT_TRUE(sink);
  std::size_t word = 1;
  const auto round = [&] {
    (void)reader.turn();
    EXPECT_TRUE(told_.when(word++));
    (void)reader.turn();
    EXPECT_TRUE(told_.when(word++));
  };
  for (int i = 0; i < 5; ++i) round();
  const auto descriptors_before = descriptors();
  const auto pages_before = pages();
  for (int i = 0; i < 100; ++i) round();
  EXPECT_EQ(descriptors(), descriptors_before);
  EXPECT_LE(pages() - pages_before, 64) << "pages, a few for what this test itself remembers";
}

TEST_F(LoopbackWatch, CountsAsReadWhereThatCannotBeTold) {
  constexpr const char* kLimit = "/proc/sys/fs/inotify/max_user_instances";
  const std::string limit = file_text(kLimit);
  std::ofstream(kLimit) << 0;
  const auto sink = watched();
  std::ofstream(kLimit) << limit;
  ASSERT_TRUE(sink);
  if (module_version().starts_with("0.15.")) {
    EXPECT_THAT(told_.words(), ElementsAre(false)) << "it needs no such thing";
    EXPECT_THAT(lines_.lines(), SizeIs(0));
    return;
  }
  EXPECT_THAT(told_.words(), ElementsAre(true));
  EXPECT_THAT(lines_.lines(), ElementsAre(HasSubstr("Whether somebody looks at /dev/video20 cannot be told")));
}

/// Run with two devices.
TEST_F(LoopbackWatch, TellsReadersOfAnotherDeviceApart) {
  if (!std::filesystem::exists(kSecondLoopback)) GTEST_SKIP() << "there is one device only";
  const auto other = open(kLoopbackSize, kSecondLoopback);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->write(picture(kLoopbackSize)));
  const auto sink = watched();
  ASSERT_TRUE(sink);
  TurnedReader elsewhere(folder_, "stream", kSecondLoopback);
  (void)elsewhere.turn();
  wait_for_nothing();
  EXPECT_THAT(told_.words(), ElementsAre(false));
  TurnedReader here(folder_, "read");
  (void)here.turn();
  EXPECT_TRUE(told_.when(1));
  (void)elsewhere.turn();
  wait_for_nothing();
  EXPECT_THAT(told_.words(), ElementsAre(false, true));
  (void)here.turn();
  EXPECT_TRUE(told_.when(2));
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false));
}

}  // namespace
}  // namespace viba::device_test
