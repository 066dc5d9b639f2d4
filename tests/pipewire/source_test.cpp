#include "pipewire/source_test.h"

#include <csignal>
#include <filesystem>

#include "media/pipewire_node.h"

namespace viba::pipewire_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

TEST_F(PipewireSourceTest, SaysWhatItWouldGiveWithoutStartingTheCamera) {
  const auto camera = start_camera("cam", {"--description", "HD Webcam", "--size", "800x600", "--rate", "25"});
  const auto source = open("");
  ASSERT_TRUE(source);
  const auto info = source->info();
  EXPECT_EQ(info.name, "HD Webcam (PipeWire " + list_pipewire_cameras()->front().serial + ")");
  EXPECT_EQ(info.size, (Size{800, 600}));
  EXPECT_EQ(info.frames_per_second, 25);
  EXPECT_TRUE(info.live && info.recovers);
  EXPECT_FALSE(camera->next_line("streaming", 200ms));
}

TEST_F(PipewireSourceTest, ShowsTheColorsOfEveryFormat) {
  for (const auto& format : test_picture::kFormats) {
    const std::string name(format.name);
    SCOPED_TRACE(name);
    const auto camera = start_camera("cam", {"--picture", "chart", "--format", name});
    const auto source = open("cam");
    ASSERT_TRUE(source);
    const Frame frame = next(*source);
    ASSERT_EQ(frame.size(), (Size{640, 480}));
    for (int field = 0; field < 8; ++field)
      EXPECT_TRUE(shows(frame, field % 4 * 160 + 80, field / 4 * 240 + 120, test_picture::kChart[std::size_t(field)]))
          << field;
  }
}

TEST_F(PipewireSourceTest, CountsItsFramesInOrderAndSaysWhatWasAdjusted) {
  const auto camera = start_camera("cam");
  const auto source = open("cam", {{1280, 720}, 30});
  ASSERT_TRUE(source);
  std::chrono::nanoseconds last{-1};
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Frame frame = next(*source);
    ASSERT_FALSE(frame.empty());
    EXPECT_EQ(frame.info().sequence, i);
    EXPECT_GT(frame.info().position, last);
    last = frame.info().position;
  }
  EXPECT_THAT(log_lines(), Contains(AllOf(HasSubstr("gives 640x480 at 30 frames a second in YUYV"),
                                          HasSubstr("; 1280x720 was asked for"))));
  EXPECT_EQ(source->skipped(), 0U);
}

TEST_F(PipewireSourceTest, TakesTheCameraThatIsMeantAndNeverItsOwn) {
  const auto ours = start_camera("viba-camera", {"--description", "ViBa", "--picture", kBlue});
  const auto room = start_camera("room", {"--description", "Room Camera"});
  const auto green = start_camera("green", {"--description", "Green Camera", "--picture", kGreen});
  const auto source = open("green camera");
  ASSERT_TRUE(source);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  const auto first = open("");
  ASSERT_TRUE(first);
  EXPECT_TRUE(shows(next(*first), 100, 100, test_picture::kRoom));
  const auto own = open_pipewire_source("viba-camera", kRequest, {});
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, ErrorCode::kUsage);
  const auto several = open_pipewire_source("camera", kRequest, {});
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code, ErrorCode::kUsage);
}

TEST_F(PipewireSourceTest, SharesACameraWithAnotherProgram) {
  const auto camera = start_camera("green", {"--picture", kGreen});
  const auto viewer = start_viewer({"--target", "green"});
  ASSERT_TRUE(viewer->next_line("frame"));
  const auto source = open("green");
  ASSERT_TRUE(source);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  source->rest();
  const auto frames = viewer->count("frame");
  EXPECT_TRUE(read_until(*source, [&](const auto&) { return viewer->count("frame") > frames + 5; }));
}

TEST_F(PipewireSourceTest, LetsGoOfTheCameraWhenItRests) {
  const auto camera = start_camera("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_FALSE(next(*source).empty());
  EXPECT_TRUE(camera->next_line("streaming"));
  source->rest();
  EXPECT_TRUE(camera->next_line("paused"));
  EXPECT_EQ(next(*source).info().sequence, 1U);
  EXPECT_TRUE(camera->next_line("streaming"));
}

TEST_F(PipewireSourceTest, EndsTheWaitAtOnceWhenAskedToStop) {
  const auto camera = start_camera("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_FALSE(next(*source).empty());
  camera->signal(SIGSTOP);
  std::stop_source stop;
  std::jthread asks([&] {
    std::this_thread::sleep_for(100ms);
    stop.request_stop();
  });
  auto read = source->read(stop.get_token());
  while (read && *read) read = source->read(stop.get_token());
  EXPECT_TRUE(read) << read.error().message;
  camera->signal(SIGCONT);
  EXPECT_FALSE(next(*source).empty()) << "the stop of one reader does not end the source";
}

TEST_F(PipewireSourceTest, SaysSoWhenNoPicturesCome) {
  const auto camera = start_camera("cam", {"--description", "HD Webcam"});
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_FALSE(next(*source).empty());
  camera->signal(SIGSTOP);
  auto read = source->read({});
  while (read) read = source->read({});
  EXPECT_EQ(read.error().code, ErrorCode::kIo);
  EXPECT_THAT(read.error().message, AllOf(HasSubstr("HD Webcam"), HasSubstr("gives no pictures")));
  camera->signal(SIGCONT);
  EXPECT_TRUE(read_until(*source, [](const auto& again) { return again && *again; }));
}

std::ptrdiff_t count_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST_F(PipewireSourceTest, LeaksNothingIn50Rounds) {
  const auto camera = start_camera("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  std::ptrdiff_t files = 0;
  std::ptrdiff_t threads = 0;
  for (int round = 0; round < 50; ++round) {
    ASSERT_FALSE(next(*source).empty()) << round;
    source->rest();
    ASSERT_TRUE(camera->next_line("paused")) << round;
    if (round > 0) continue;
    files = count_in("/proc/self/fd");
    threads = count_in("/proc/self/task");
  }
  EXPECT_EQ(count_in("/proc/self/fd"), files);
  EXPECT_EQ(count_in("/proc/self/task"), threads);
  EXPECT_EQ(next(*source).info().sequence, 50U);
}

TEST_F(PipewireSourceTest, SaysSoWhereNoSessionIs) {
  session_.kill_pipewire();
  const auto source = open_pipewire_source("", kRequest, {});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(source.error().message, HasSubstr("PipeWire does not run"));
}

TEST_F(PipewireSourceTest, SaysSoWhereNoCameraIs) {
  const auto source = open_pipewire_source("", kRequest, {});
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(source.error().message, HasSubstr("PipeWire has no camera"));
}

}  // namespace
}  // namespace viba::pipewire_test
