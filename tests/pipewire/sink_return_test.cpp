#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "media/pipewire_connection.h"
#include "media/pipewire_graph.h"
#include "pipewire/sink_test.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using Clock = std::chrono::steady_clock;

constexpr auto kPromised = 2s;

std::ptrdiff_t entries(const std::string& folder) {
  return std::ranges::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

/// Of this process and of the server, which has noticed all that went before.
std::pair<std::ptrdiff_t, std::ptrdiff_t> open_files() {
  auto socket = PipewireConnection::connect().value();
  ucred server{};
  socklen_t size = sizeof(server);
  EXPECT_EQ(getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &server, &size), 0);
  const auto connection = PipewireConnection::open(nullptr, std::move(socket)).value();
  EXPECT_TRUE(connection->sync());
  return {entries("/proc/self/fd"), entries(fmt::format("/proc/{}/fd", server.pid))};
}

class SinkReturn : public SinkTest {
 protected:
  /// Waits until the camera is listed again, as another node than `old`.
  static bool is_back(const std::string& old = {}) {
    for (const auto end = Clock::now() + 10s; Clock::now() < end; std::this_thread::sleep_for(20ms)) {
      const auto cameras = list_pipewire_cameras();
      if (cameras && cameras->size() == 1 && cameras->front().name == kCamera && cameras->front().serial != old)
        return true;
    }
    return false;
  }

  void expect_said_once() {
    EXPECT_THAT(lines_.lines(), ElementsAre(HasSubstr("PipeWire (ViBa) was cut off."), "PipeWire (ViBa) is back."));
  }
};

TEST_F(SinkReturn, IsPublishedAgainWhenPipewireIsBack) {
  const auto sink = open_chart();
  sink->watch(told_.listener());
  const auto viewer = start_viewer({"--target", kCamera});
  ASSERT_TRUE(told_.when(1));
  session_.kill_pipewire();
  ASSERT_TRUE(told_.when(2));
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false));
  EXPECT_TRUE(sink->write(picture())) << "for when it is back";

  const auto restarted = session_.restart_pipewire();
  ASSERT_TRUE(restarted) << restarted.error().message;
  const auto since = Clock::now();
  ASSERT_TRUE(is_back());
  EXPECT_LE(Clock::now() - since, kPromised);
  const auto next = start_viewer({"--target", kCamera});
  ASSERT_TRUE(told_.when(3));
  expect_chart(*next);
  EXPECT_THAT(told_.words(), ElementsAre(false, true, false, true));
  expect_said_once();
}

TEST_F(SinkReturn, IsPublishedAgainWhenItsNodeIsDestroyed) {
  const auto sink = open_chart();
  const auto old = list_pipewire_cameras()->front();
  {
    const auto connection = PipewireConnection::open(nullptr).value();
    PipewireGraph(*connection).destroy(old.id);
    ASSERT_TRUE(connection->sync());
  }
  ASSERT_TRUE(is_back(old.serial));
  expect_chart(*start_viewer({"--target", kCamera}));
  expect_said_once();
}

TEST_F(SinkReturn, LeavesNothingBehindInFiftyRounds) {
  constexpr int kSettled = 10;
  std::pair<std::ptrdiff_t, std::ptrdiff_t> settled;
  for (int round = 1; round <= 50; ++round) {
    ASSERT_TRUE(open_chart());
    if (round == kSettled) settled = open_files();
  }
  EXPECT_EQ(open_files(), settled);
  EXPECT_THAT(lines_.lines(), SizeIs(0));
}

TEST_F(SinkReturn, MayEndWhilePipewireIsAway) {
  auto sink = open_chart();
  sink->watch(told_.listener());
  session_.kill_pipewire();
  EXPECT_TRUE(sink->write(picture()));
  sink.reset();
  EXPECT_THAT(told_.words(), ElementsAre(false));
}

TEST_F(SinkReturn, SaysWhatToDoWithoutASession) {
  session_.kill_pipewire();
  const auto sink = open_pipewire_sink("", kCameraSize, 30, lines_.log());
  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(sink.error().message, HasSubstr("systemctl --user start pipewire"));
  EXPECT_THAT(lines_.lines(), SizeIs(0));
}

}  // namespace
}  // namespace viba::pipewire_test
