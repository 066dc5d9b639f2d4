#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <pipewire/pipewire.h>

#include "media/pipewire_connection.h"
#include "pipewire/pipewire_session.h"

namespace viba::pipewire_test {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::HasSubstr;

/// Whether a program of this process id is connected to the server.
bool is_connected(pid_t process) {
  struct Search {
    std::string process;
    bool found = false;
  } search{std::to_string(process), false};
  pw_registry_events events{};
  events.version = PW_VERSION_REGISTRY_EVENTS;
  events.global = [](void* self, std::uint32_t, std::uint32_t, const char* type, std::uint32_t,
                     const spa_dict* properties) {
    auto& wanted = *static_cast<Search*>(self);
    if (std::string_view(type) != PW_TYPE_INTERFACE_Client || properties == nullptr) return;
    const char* owner = spa_dict_lookup(properties, PW_KEY_SEC_PID);
    wanted.found = wanted.found || (owner != nullptr && wanted.process == owner);
  };
  const auto connection = PipewireConnection::open({});
  if (!connection) return false;
  spa_hook listener{};
  pw_registry* registry = nullptr;
  {
    const PipewireConnection::Lock lock(**connection);
    registry = pw_core_get_registry((*connection)->core(), PW_VERSION_REGISTRY, 0);
    pw_registry_add_listener(registry, &listener, &events, &search);
  }
  (void)(*connection)->sync();
  const PipewireConnection::Lock lock(**connection);
  spa_hook_remove(&listener);
  pw_proxy_destroy(reinterpret_cast<pw_proxy*>(registry));
  return search.found;
}

/// What follows this word where it begins a line.
std::string said(const Process& program, const std::string& word) {
  for (const auto& line : program.lines())
    if (line.starts_with(word + " ")) return line.substr(word.size() + 1);
  return {};
}

std::vector<std::string> frames_of(const Process& viewer) {
  auto lines = viewer.lines();
  std::erase_if(lines, [](const auto& line) { return !line.starts_with("frame"); });
  return lines;
}

/// Sees frames of a publisher while a raw camera is there, too.
class GuardTest : public PipewireTest {
 protected:
  void SetUp() override {
    PipewireTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    room_ = start_camera("room");
    publish();
  }

  void publish() {
    auto socket = PipewireConnection::connect();
    ASSERT_TRUE(socket) << socket.error().message;
    socket_ = std::move(*socket);
    publisher_ = start_camera("published", {"--picture", "chart", "--socket", "3"}, socket_.get());
  }

  void run_guard() {
    guard_ = std::make_unique<Process>(
        std::vector<std::string>{VIBA_BINARY_DIR "/lib/viba/viba-camera-guard", said(*publisher_, "ready")},
        Process::Input::kPipe, socket_.get());
  }

  void start_guard() {
    run_guard();
    socket_ = Fd();
    while (!is_connected(guard_->pid())) ASSERT_FALSE(guard_->ended_within(5ms)) << "the guard does not stay";
  }

  /// As it sees it when its program is killed.
  void end_publisher() {
    publisher_->kill();
    guard_->close_input();
  }

  void watch() {
    viewer_ = start_viewer({"--target", "published"});
    const auto frame = viewer_->next_line("frame");
    ASSERT_TRUE(frame);
    ASSERT_THAT(*frame, HasSubstr(" room=0 "));
  }

  /// Kills the guarded publisher under a viewer, to which the room must not be shown, and publishes anew.
  void end_while_watched() {
    start_guard();
    watch();
    end_publisher();
    ASSERT_TRUE(viewer_->next_line("state unconnected"));
    EXPECT_EQ(guard_->wait(), 0);
    EXPECT_THAT(frames_of(*viewer_), Each(HasSubstr(" room=0 ")));
    EXPECT_EQ(room_->count("streaming"), 0U);
    publish();
  }

  std::unique_ptr<Process> room_;
  Fd socket_;  ///< the publisher's, until it has a guard
  std::unique_ptr<Process> publisher_;
  std::unique_ptr<Process> guard_;
  std::unique_ptr<Process> viewer_;
};

TEST_F(GuardTest, WithoutItViewersAreGivenTheRealCamera) {
  watch();
  socket_ = Fd();
  publisher_->kill();
  std::optional<std::string> frame;
  do frame = viewer_->next_line("frame", 5s);
  while (frame && frame->find(" room=0 ") != std::string::npos);
  if (!frame) GTEST_SKIP() << "this session manager does not link a stream to another camera";
  EXPECT_THAT(*frame, HasSubstr(" room=576 "));
}

TEST_F(GuardTest, KeepsViewersFromTheRealCamera) {
  for (int i = 0; i < 20; ++i) end_while_watched();
}

TEST_F(GuardTest, KeepsViewersFromTheRealCameraOnABusyMachine) {
  std::vector<std::jthread> busy;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i)
    busy.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) continue;
    });
  for (int i = 0; i < 5; ++i) end_while_watched();
}

TEST_F(GuardTest, KeepsViewersFromTheRealCameraHoweverSlowItIs) {
  start_guard();
  watch();
  guard_->signal(SIGSTOP);
  end_publisher();
  EXPECT_FALSE(room_->next_line("streaming", 500ms));
  const auto late = start_viewer({"--target", "published"});
  ASSERT_TRUE(late->next_line("format"));
  guard_->signal(SIGCONT);
  for (auto* viewer : {viewer_.get(), late.get()}) {
    ASSERT_TRUE(viewer->next_line("state unconnected"));
    EXPECT_THAT(frames_of(*viewer), Each(HasSubstr(" room=0 ")));
  }
  EXPECT_EQ(guard_->wait(), 0);
  EXPECT_EQ(room_->count("streaming"), 0U);
}

TEST_F(GuardTest, KeepsManyViewersFromTheRealCamera) {
  start_guard();
  watch();
  std::vector<std::unique_ptr<Process>> more;
  for (int i = 0; i < 4; ++i) more.push_back(start_viewer({"--target", "published"}));
  for (const auto& viewer : more) ASSERT_TRUE(viewer->next_line("frame"));
  end_publisher();
  for (const auto& viewer : more) {
    ASSERT_TRUE(viewer->next_line("state unconnected"));
    EXPECT_THAT(frames_of(*viewer), Each(HasSubstr(" room=0 ")));
  }
  EXPECT_EQ(room_->count("streaming"), 0U);
}

TEST_F(GuardTest, StaysWhenAllOfAServiceIsAskedToEnd) {
  start_guard();
  watch();
  for (const int number : {SIGHUP, SIGINT, SIGTERM}) guard_->signal(number);
  end_publisher();
  ASSERT_TRUE(viewer_->next_line("state unconnected"));
  EXPECT_EQ(guard_->wait(), 0);
  EXPECT_THAT(frames_of(*viewer_), Each(HasSubstr(" room=0 ")));
}

TEST_F(GuardTest, EndsWithTheNode) {
  start_guard();
  publisher_->stop();
  EXPECT_TRUE(guard_->ended_within(5s));
  EXPECT_EQ(guard_->wait(), 0);
}

TEST_F(GuardTest, EndsWhereTheNodeHasGoneAlready) {
  publisher_->stop();
  run_guard();
  EXPECT_TRUE(guard_->ended_within(5s));
}

TEST_F(GuardTest, EndsWithItsInputThoughTheNodeStays) {
  start_guard();
  guard_->close_input();
  EXPECT_TRUE(guard_->ended_within(20s));
}

TEST_F(GuardTest, EndsWithPipewire) {
  start_guard();
  session_.kill_pipewire();
  EXPECT_TRUE(guard_->ended_within(5s));
}

TEST_F(GuardTest, LeavesAloneWhoWentToAnotherCamera) {
  const auto other = start_camera("other", {"--picture", "0000ff"});
  start_guard();
  watch();
  Process move({"pw-metadata", said(*viewer_, "node"), "target.object", "other"});
  if (move.wait() == 127) GTEST_SKIP() << "pw-metadata is not installed";
  ASSERT_TRUE(other->next_line("streaming"));
  ASSERT_TRUE(publisher_->next_line("paused"));
  end_publisher();
  EXPECT_EQ(guard_->wait(), 0);
  const auto before = viewer_->count("frame");
  while (viewer_->count("frame") < before + 10) ASSERT_TRUE(viewer_->next_line("frame"));
  EXPECT_EQ(viewer_->count("state unconnected"), 0U);
}

}  // namespace
}  // namespace viba::pipewire_test
