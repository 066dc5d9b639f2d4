// The whole program between a camera and a reader, while things happen to either.

#include <filesystem>

#include "device/consumer.h"
#include "device/device_test.h"
#include "device/program.h"
#include "device/reader.h"

namespace viba::device_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using Counts = Consumer::Counts;

bool is_live(const Counts& counts) { return counts.background >= 3; }

/// Whatever happened, the reader's stream went on and never showed the room.
void expect_safe(Consumer& consumer) {
  const Counts counts = consumer.counts();
  EXPECT_FALSE(counts.failed) << reason(*counts.failed);
  EXPECT_EQ(counts.room, 0);
}

void vivid_control(const std::string& assignment) {
  EXPECT_EQ(run({"v4l2-ctl", "-d", kVivid, "-c", assignment}), 0) << assignment;
}

/// Takes the camera away for good. vivid's own disconnect would end with the last user who closes it, and whoever
/// opens it then holds the module.
void unplug() {
  std::ofstream("/sys/bus/platform/drivers/vivid/unbind") << "vivid.0" << std::flush;
  EXPECT_TRUE(wait_until([] { return run({"modprobe", "-r", "vivid"}) == 0; }));
}

/// As `unplug`, until the last descriptor of it is closed.
void disconnect(const Fd& camera) {
  v4l2_queryctrl control{};
  for (control.id = V4L2_CTRL_FLAG_NEXT_CTRL; retrying_ioctl(camera, VIDIOC_QUERYCTRL, &control) == 0;
       control.id |= V4L2_CTRL_FLAG_NEXT_CTRL) {
    if (std::string_view(reinterpret_cast<const char*>(control.name)) != "Disconnect") continue;
    v4l2_control press{control.id, 1};
    EXPECT_EQ(retrying_ioctl(camera, VIDIOC_S_CTRL, &press), 0);
    return;
  }
  ADD_FAILURE() << "vivid has no control to disconnect it";
}

void plug_in(int node) {
  EXPECT_EQ(run({"modprobe", "vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0x0",
                 "vid_cap_nr=" + std::to_string(node)}),
            0);
}

class Live : public testing::Test {
 protected:
  void TearDown() override {
    if (std::filesystem::exists(kVivid) && !two_cameras_) return;
    EXPECT_TRUE(wait_until([] { return run({"modprobe", "-r", "vivid"}) == 0; }));
    plug_in(0);
  }

  TemporaryFolder folder_;
  bool two_cameras_ = false;  ///< until the end of the test
};

TEST_F(Live, TheCameraIsOpenOnlyWhileSomebodyReads) {
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  EXPECT_FALSE(viba.holds(kVivid)) << "nobody reads yet";
  const auto came = std::chrono::steady_clock::now();
  std::optional<Consumer> consumer(std::in_place);
  ASSERT_TRUE(wait_until([&] { return viba.holds(kVivid); })) << viba.said();
  const auto opened = std::chrono::steady_clock::now() - came;
  EXPECT_LE(opened, 300ms);
  ASSERT_TRUE(consumer->becomes(is_live)) << viba.said();
  expect_safe(*consumer);
  consumer.reset();
  const auto left = std::chrono::steady_clock::now();
  ASSERT_TRUE(wait_until([&] { return !viba.holds(kVivid); })) << viba.said();
  const auto closed = std::chrono::steady_clock::now() - left;
  EXPECT_LE(closed, 5500ms);
  EXPECT_GE(closed, 4500ms) << "who comes back soon need not wait for the camera";
  EXPECT_TRUE(is_fed(folder_)) << "it stays a camera for those who look for one";
  std::printf("opened %.0f ms after the reader came, closed %.2f s after it left\n",
              std::chrono::duration<double, std::milli>(opened).count(), std::chrono::duration<double>(closed).count());
}

TEST_F(Live, AHundredReadersLeaveNothingBehind) {
  Program viba(folder_, {"--idle-timeout", "0.1"});
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Program::Possessions at_first;
  for (int round = 0; round < 100; ++round) {
    {
      Consumer consumer;
      ASSERT_TRUE(wait_until([&] { return viba.holds(kVivid); })) << round << viba.said();
      ASSERT_TRUE(consumer.becomes([](const Counts& counts) { return counts.background >= 1; }))
          << round << viba.said();
      expect_safe(consumer);
    }
    ASSERT_TRUE(wait_until([&] { return !viba.holds(kVivid); })) << round << viba.said();
    constexpr int kWarm = 20;  // allocators keep what they once had
    if (round == kWarm) at_first = viba.possessions();
  }
  const auto at_last = viba.possessions();
  EXPECT_EQ(at_last.descriptors, at_first.descriptors);
  EXPECT_EQ(at_last.threads, at_first.threads);
  EXPECT_LE(at_last.kilobytes, at_first.kilobytes + 8192) << "a frame of 640x360 has 345 KB: a leak would be 27 MB";
  std::printf("%d KB resident after 20 readers, %d after 100\n", at_first.kilobytes, at_last.kilobytes);
}

TEST_F(Live, TwentyUnplugsUnderAReader) {
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(consumer.becomes(is_live)) << round << viba.said();
    consumer.begin_anew();
    unplug();
    EXPECT_TRUE(consumer.becomes([](const Counts& counts) { return counts.placeholders > 0; })) << round;
    consumer.begin_anew();
    plug_in(0);
    EXPECT_TRUE(consumer.becomes([](const Counts& counts) { return counts.background > 0; }, 1000ms)) << round;
    expect_safe(consumer);
  }
  expect_safe(consumer);
  EXPECT_THAT(viba.said(), HasSubstr("vivid (/dev/video0) was unplugged"));
}

TEST_F(Live, ThePlaceholderIsThereWithin200Ms) {
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  ASSERT_TRUE(consumer.becomes(is_live)) << viba.said();
  const Fd camera = open_v4l2(kVivid).value();
  consumer.begin_anew();
  const auto unplugged = std::chrono::steady_clock::now();
  disconnect(camera);
  ASSERT_TRUE(consumer.becomes([](const Counts& counts) { return counts.hidden.has_value(); })) << viba.said();
  EXPECT_LE(*consumer.counts().hidden - unplugged, 200ms);
  std::printf("placeholder %.0f ms after the unplug\n",
              std::chrono::duration<double, std::milli>(*consumer.counts().hidden - unplugged).count());
  expect_safe(consumer);
}

TEST_F(Live, AnotherCameraOfTheSameModelIsNotTakenForIt) {
  unplug();
  two_cameras_ = true;
  ASSERT_EQ(run({"modprobe", "vivid", "n_devs=2", "node_types=0x1,0x1", "num_inputs=1,1", "input_types=0x0,0x0",
                 "vid_cap_nr=0,5"}),
            0);
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  ASSERT_TRUE(consumer.becomes(is_live)) << viba.said();
  std::optional<Fd> camera(open_v4l2(kVivid).value());
  consumer.begin_anew();  // it began with a placeholder
  disconnect(*camera);
  ASSERT_TRUE(consumer.becomes([](const Counts& counts) { return counts.hidden.has_value(); })) << viba.said();
  consumer.begin_anew();
  // Several tries to open the camera anew.
  ASSERT_TRUE(consumer.becomes([](const Counts& counts) { return counts.placeholders > 8; })) << viba.said();
  EXPECT_EQ(consumer.counts().background, 0);
  EXPECT_FALSE(viba.holds("/dev/video5"));
  camera.reset();
  EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
  expect_safe(consumer);
  EXPECT_TRUE(viba.holds(kVivid));
  EXPECT_NE(run({VIBA_PROGRAM, "--real-cam-device", "vivid", "--fake-cam-device", "null"}, folder_.file("log")), 0);
  EXPECT_THAT(file_text(folder_.file("log")), HasSubstr("'vivid' may mean 2 cameras"));
}

TEST_F(Live, TheCameraComesBackUnderAnotherNode) {
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  ASSERT_TRUE(consumer.becomes(is_live)) << viba.said();
  unplug();
  plug_in(7);
  consumer.begin_anew();
  EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
  EXPECT_TRUE(viba.holds("/dev/video7"));
  expect_safe(consumer);
  EXPECT_THAT(viba.said(), HasSubstr("vivid (/dev/video7) is back."));
}

TEST_F(Live, WaitsForACameraThatIsInUse) {
  std::optional<ChildProcess> other(std::in_place, std::vector<std::string>{"v4l2-ctl", "-d", kVivid, "--stream-mmap"},
                                    folder_.file("other.log"));
  ASSERT_TRUE(wait_until([&] { return file_text(folder_.file("other.log")).find('<') != std::string::npos; }));
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  const std::string sentence = "in use by v4l2-ctl (pid " + std::to_string(other->pid()) + ")";
  ASSERT_TRUE(wait_until([&] { return viba.said().find(sentence) != std::string::npos; })) << viba.said();
  EXPECT_TRUE(consumer.becomes([](const Counts& counts) { return counts.placeholders > 0; }));
  EXPECT_EQ(consumer.counts().background, 0);
  other.reset();
  EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
  expect_safe(consumer);
}

TEST_F(Live, WhatTheDriverInjectsIsSurvived) {
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  ASSERT_TRUE(consumer.becomes(is_live)) << viba.said();
  for (const char* injection : {"inject_vidioc_qbuf_error=1", "inject_fatal_streaming_error=1"}) {
    SCOPED_TRACE(injection);
    consumer.begin_anew();
    vivid_control(injection);
    EXPECT_TRUE(consumer.becomes([](const Counts& counts) { return counts.placeholders > 0; })) << viba.said();
    consumer.begin_anew();  // what was live before it does not count: only a camera that runs takes an injection
    EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
    expect_safe(consumer);
  }
  EXPECT_THAT(viba.said(), HasSubstr("is back."));
}

TEST_F(Live, ACameraThatDoesNotStartIsTriedAgain) {
  vivid_control("inject_vidioc_streamon_error=1");
  Program viba(folder_);
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  Consumer consumer;
  EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
  EXPECT_THAT(viba.said(), HasSubstr("does not do what it is asked"));
  expect_safe(consumer);
}

TEST_F(Live, ACameraOfAnotherProgramsLiking) {
  Program viba(folder_, {"--idle-timeout", "0"});
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  // Who used the camera meanwhile left it at another size.
  ASSERT_EQ(run({"v4l2-ctl", "-d", kVivid, "--set-fmt-video=width=320,height=180,pixelformat=NV12"}), 0);
  Consumer consumer;
  EXPECT_TRUE(consumer.becomes(is_live)) << viba.said();
  expect_safe(consumer);
}

TEST_F(Live, TheSameReaderGoesOnAfterARestart) {
  std::optional<Consumer> consumer;
  for (const int signal : {SIGTERM, SIGINT, SIGKILL, 0}) {
    Program viba(folder_);
    ASSERT_TRUE(viba.is_ready()) << viba.said();
    if (!consumer) consumer.emplace();
    consumer->begin_anew();
    EXPECT_TRUE(consumer->becomes(is_live)) << signal << viba.said();
    expect_safe(*consumer);
    if (signal == 0) break;
    kill(viba.process().pid(), signal);
    ASSERT_TRUE(viba.process().ended_within(kPatience));
    EXPECT_EQ(viba.process().status(), signal == SIGKILL ? 128 + SIGKILL : 0) << viba.said();
  }
}

TEST_F(Live, ACameraIsFoundByAPartOfItsName) {
  Program viba(folder_, {}, "VIV");
  ASSERT_TRUE(viba.is_ready()) << viba.said();
  EXPECT_THAT(viba.said(), HasSubstr("From vivid (/dev/video0)"));
}

}  // namespace
}  // namespace viba::device_test
