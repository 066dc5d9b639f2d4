#include "pipewire/pipewire_session.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "media/camera_portal.h"
#include "media/pipewire_node.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;

TEST_F(PipewireTest, ShowsOnlyWhatTestsPublish) {
  EXPECT_TRUE(list_pipewire_cameras()->empty());
  const auto camera = start_camera("room", {"--description", "A Room"});
  const auto cameras = list_pipewire_cameras();
  ASSERT_EQ(cameras->size(), 1U);
  EXPECT_EQ(cameras->front().name, "room");
  EXPECT_EQ(cameras->front().description, "A Room");
  EXPECT_EQ(camera->lines().front(), "ready " + std::to_string(cameras->front().id));
}

TEST_F(PipewireTest, CameraKnowsWhetherItIsWatched) {
  const auto camera = start_camera("room");
  {
    const auto viewer = start_viewer({"--target", "room"});
    EXPECT_TRUE(camera->next_line("streaming"));
    EXPECT_TRUE(viewer->next_line("frame"));
  }
  EXPECT_TRUE(camera->next_line("paused"));
  EXPECT_EQ(camera->stop(), 0);
}

TEST_F(PipewireTest, ViewerSeesTheRoomForWhatItIs) {
  for (const std::string format : {"YUY2", "I420", "NV12", "RGB"}) {
    const auto camera = start_camera("room", {"--format", format, "--size", "320x180"});
    const auto viewer = start_viewer();
    const auto frame = viewer->next_line("frame");
    ASSERT_TRUE(frame) << format;
    EXPECT_THAT(*frame, HasSubstr(format + " 320x180 room=576 "));
  }
}

TEST_F(PipewireTest, ChartArrivesWithItsColors) {
  const auto camera = start_camera("chart", {"--picture", "chart", "--format", "RGB"});
  const auto viewer = start_viewer();
  const auto frame = viewer->next_line("frame");
  ASSERT_TRUE(frame);
  EXPECT_THAT(*frame, EndsWith("room=0 ffffff ffff00 00ffff 00ff00 ff0000 0000ff 808080 000000 "
                               "ffffff 00ff00 ff0000 000000"));
}

TEST_F(PipewireTest, ComesBackAfterItWasKilled) {
  const auto camera = start_camera("room");
  session_.kill_pipewire();
  EXPECT_TRUE(camera->next_line("lost"));
  EXPECT_FALSE(ask_pipewire());
  const auto restarted = session_.restart_pipewire();
  ASSERT_TRUE(restarted) << restarted.error().message;
  const auto next = start_camera("room");
  const auto viewer = start_viewer({"--target", "room"});
  EXPECT_TRUE(viewer->next_line("frame"));
}

class PortalTest : public PipewireTest, public testing::WithParamInterface<bool> {};

TEST_P(PortalTest, AnswersForTheUser) {
  if (const auto lack = PipewireSession::missing_for_portal(); !lack.empty()) GTEST_SKIP() << lack;
  const auto camera = start_camera("room");
  const auto started = session_.start_portal(GetParam());
  ASSERT_TRUE(started) << started.error().message;
  const auto state = camera_portal_state();
  EXPECT_EQ(state.presence, CameraPortalState::Presence::kRunning);
  EXPECT_EQ(state.permissions, (std::map<std::string, bool>{{"", GetParam()}}));
  const auto opened = CameraPortal().open({});
  EXPECT_EQ(opened && *opened, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Permission, PortalTest, testing::Bool());

TEST(PipewireSession, LeavesNothingBehindWhenItsProcessIsKilled) {
  if (const auto lack = PipewireSession::missing(); !lack.empty()) GTEST_SKIP() << lack;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    PipewireSession session;
    const bool has_portal = PipewireSession::missing_for_portal().empty();
    if (session.start() && (!has_portal || session.start_portal(true)) &&
        write(ends[1], session.folder().data(), session.folder().size()) > 0)
      pause();
    _exit(1);
  }
  close(ends[1]);
  std::string folder(64, '\0');
  folder.resize(static_cast<std::size_t>(std::max<ssize_t>(read(ends[0], folder.data(), folder.size()), 0)));
  EXPECT_TRUE(std::filesystem::exists(folder + "/pipewire-0"));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::filesystem::exists(folder) && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(std::filesystem::exists(folder));
  close(ends[0]);
}

}  // namespace
}  // namespace viba::pipewire_test
