#include <cstdint>
#include <memory>

#include <pipewire/pipewire.h>

#include "media/pipewire_connection.h"
#include "media/pipewire_graph.h"
#include "pipewire/source_test.h"

/// What session managers do to streams whose camera vanishes, and that it does not reach ViBa. Each test first has a
/// program that takes no care fall for it.
namespace viba::pipewire_test {
namespace {

using test_picture::kRoom;
using testing::HasSubstr;

/// A session manager that is quicker than all others.
class Linker {
 public:
  /// As soon as the camera `lost` has gone, ViBa is linked with `next`.
  Linker(std::string lost, std::string next)
      : lost_(std::move(lost)),
        next_(std::move(next)),
        connection_(*PipewireConnection::open(nullptr)),
        graph_(*connection_, [this] { on_change(); }) {
    EXPECT_TRUE(connection_->sync());
    const PipewireConnection::Lock lock(*connection_);
    armed_ = true;
  }
  Linker(const Linker&) = delete;
  Linker& operator=(const Linker&) = delete;
  ~Linker() {
    const PipewireConnection::Lock lock(*connection_);
    armed_ = false;
    if (link_ != nullptr) pw_proxy_destroy(link_);
  }

  [[nodiscard]] bool tried() const {
    const PipewireConnection::Lock lock(*connection_);
    return link_ != nullptr;
  }

 private:
  [[nodiscard]] std::optional<std::uint32_t> id_of(const std::string& name) const {
    for (const auto& [id, node] : graph_.nodes())
      if (node.name == name) return id;
    return {};
  }

  void on_change() {
    if (!armed_ || id_of(lost_)) return;
    const auto from = id_of(next_);
    const auto to = id_of("viba-reader");
    if (!from || !to) return;
    armed_ = false;
    pw_properties* properties = pw_properties_new(PW_KEY_LINK_OUTPUT_NODE, std::to_string(*from).c_str(),
                                                  PW_KEY_LINK_INPUT_NODE, std::to_string(*to).c_str(), nullptr);
    link_ = static_cast<pw_proxy*>(pw_core_create_object(connection_->core(), "link-factory", PW_TYPE_INTERFACE_Link,
                                                         PW_VERSION_LINK, &properties->dict, 0));
    pw_properties_free(properties);
  }

  std::string lost_, next_;
  bool armed_ = false;
  pw_proxy* link_ = nullptr;
  std::unique_ptr<PipewireConnection> connection_;
  PipewireGraph graph_;
};

bool is_linked(const std::string& from, const std::string& to) { return Process({"pw-link", from, to}).wait() == 0; }

/// A webcam (green), what ViBa publishes (blue, twice), and a camera that nobody asked for (the room).
class PipewireRelink : public PipewireSourceTest {
 protected:
  void SetUp() override {
    PipewireSourceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    webcam_ = start_webcam();
    ours_ = start_camera("viba-camera", {"--description", "ViBa", "--picture", kBlue, "--format", "I420"});
    second_ = start_camera("viba-camera-2", {"--description", "ViBa", "--picture", kBlue, "--format", "I420"});
  }

  static std::unique_ptr<Process> start_webcam() {
    return start_camera("webcam", {"--description", "HD Webcam", "--picture", kGreen, "--format", "I420"});
  }

  /// Reads on for a while after the camera went: errors, and nothing of anybody else.
  static void expect_nothing_else(Source& source, std::chrono::milliseconds time = 1500ms) {
    const auto end = std::chrono::steady_clock::now() + time;
    int errors = 0;
    while (std::chrono::steady_clock::now() < end) {
      const auto read = source.read({});
      if (read && *read) {
        EXPECT_FALSE(shows_anywhere(**read, kRoom) || shows_anywhere(**read, kBlueColor));
        EXPECT_EQ(errors, 0) << "pictures came after the camera had gone";
        continue;
      }
      ++errors;
      EXPECT_THAT(read.error().message, HasSubstr("HD Webcam"));
      std::this_thread::sleep_for(20ms);
    }
    EXPECT_GT(errors, 0);
  }

  /// Whether the viewer is given a picture of this colour, of the frames that it shows.
  static bool comes_to_see(Process& viewer, test_picture::Rgb color) {
    const auto near = [](int have, int wanted) { return std::abs(have - wanted) < 24; };
    for (int frames = 0; frames < 300; ++frames) {
      const auto line = viewer.next_line("frame", 5s);
      if (!line) return false;
      const auto rgb = std::stoi(line->substr(line->find(' ', line->find("room=")) + 1, 6), nullptr, 16);
      if (near(rgb >> 16, color.r) && near(rgb >> 8 & 255, color.g) && near(rgb & 255, color.b)) return true;
    }
    return false;
  }

  std::unique_ptr<Process> webcam_, ours_, second_;
};

TEST_F(PipewireRelink, GivesACarelessViewerTheRoomWhenItsPublisherDies) {
  const auto room = start_camera("room");
  ours_.reset();
  second_.reset();
  webcam_.reset();
  const auto publisher = start_camera("viba-camera", {"--picture", kBlue});
  const auto viewer = start_viewer({"--target", "viba-camera"});
  const auto before = viewer->next_line("frame");
  ASSERT_TRUE(before);
  EXPECT_THAT(*before, HasSubstr(" room=0 "));
  publisher->kill();
  EXPECT_TRUE(comes_to_see(*viewer, kRoom)) << "this session manager does not relink";
}

TEST_F(PipewireRelink, GivesACarelessReaderWhatViBaPublishesWhenItsWebcamDies) {
  const auto viewer = start_viewer({"--target", "webcam"});
  ASSERT_TRUE(viewer->next_line("frame"));
  webcam_->kill();
  EXPECT_TRUE(comes_to_see(*viewer, kBlueColor)) << "this session manager does not relink";
}

TEST_F(PipewireRelink, DoesNotReachViBaWhenItsWebcamDies) {
  const auto room = start_camera("room");
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  webcam_->kill();
  expect_nothing_else(*source);
  webcam_ = start_webcam();
  EXPECT_TRUE(read_until(*source, [](const auto& read) { return read && *read; }));
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
}

TEST_F(PipewireRelink, DoesNotReachViBaWhenItsWebcamEndsInOrder) {
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  EXPECT_FALSE(next(*source).empty());
  webcam_->stop();
  expect_nothing_else(*source);
}

TEST_F(PipewireRelink, DoesNotReachViBaWhenItsWebcamWentWhileItRested) {
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  webcam_->kill();
  const auto room = start_camera("room");
  expect_nothing_else(*source);
}

TEST_F(PipewireRelink, DoesNotReachViBaOnFiftyLosses) {
  const auto room = start_camera("room", {"--format", "I420"});
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(read_until(*source, [](const auto& read) { return read && *read; }));
    webcam_->kill();
    expect_nothing_else(*source, 60ms);
    webcam_ = start_webcam();
  }
}

TEST_F(PipewireRelink, EndsTheStreamWhenSomethingElseFlowsInBesideTheCamera) {
  const auto room = start_camera("room", {"--format", "I420"});
  for (const std::string intruder : {"room", "viba-camera", "viba-camera-2"}) {
    const auto source = open("webcam");
    ASSERT_TRUE(source);
    EXPECT_FALSE(next(*source).empty());
    // As ports are called before PipeWire 1.0, and since.
    const bool linked =
        is_linked(intruder + ":out_0", "viba-reader:in_0") || is_linked(intruder + ":capture_1", "viba-reader:input_1");
    if (!linked) GTEST_SKIP() << "pw-link is not installed, or links no second camera to a stream";
    const bool ended = read_until(*source, [](const auto& read) {
      EXPECT_TRUE(!read || shows(**read, 100, 100, kGreenColor));
      return !read;
    });
    EXPECT_TRUE(ended) << "the link was not noticed";
    EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor)) << "it looks for its camera anew";
  }
}

TEST_F(PipewireRelink, DoesNotReachViBaByTheQuickestSessionManager) {
  const auto room = start_camera("room", {"--format", "I420"});
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  int tried = 0;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(read_until(*source, [](const auto& read) { return read && *read; }));
    const Linker linker("webcam", "room");
    webcam_->kill();
    expect_nothing_else(*source, 60ms);
    tried += linker.tried() ? 1 : 0;
    webcam_ = start_webcam();
  }
  EXPECT_GT(tried, 0);
}

}  // namespace
}  // namespace viba::pipewire_test
