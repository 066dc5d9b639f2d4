#include <cstdlib>

#include "pipewire/source_test.h"

/// As in a sandbox: PipeWire is reached through the desktop's portal only.
namespace viba::pipewire_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class PipewirePortal : public PipewireSourceTest {
 protected:
  void SetUp() override {
    PipewireSourceTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (const auto lack = PipewireSession::missing_for_portal(); !lack.empty()) GTEST_SKIP() << lack;
    webcam_ = start_camera("webcam", {"--description", "HD Webcam", "--picture", kGreen});
  }
  void TearDown() override {
    PipewireSourceTest::TearDown();
    unsetenv("PIPEWIRE_REMOTE");
  }

  void start_portal(bool granted) {
    const auto started = session_.start_portal(granted);
    ASSERT_TRUE(started) << started.error().message;
    setenv("PIPEWIRE_REMOTE", "nowhere", 1);  // for this process; the portal runs already
  }

  std::unique_ptr<Process> webcam_;
};

TEST_F(PipewirePortal, ShowsTheCameraThatTheUserAllows) {
  start_portal(true);
  const auto source = open("");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->info().size, kRequest.size);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  source->rest();
  EXPECT_TRUE(webcam_->next_line("paused"));
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
}

TEST_F(PipewirePortal, SaysWhereACameraIsAllowedThatTheUserDenied) {
  start_portal(false);
  const auto source = open("");
  ASSERT_TRUE(source);
  for (int i = 0; i < 3; ++i) {
    const auto denied = source->read({});
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, ErrorCode::kPermission);
    EXPECT_THAT(denied.error().message, AllOf(HasSubstr("settings under Privacy"), HasSubstr("permission-set")));
  }
  EXPECT_FALSE(webcam_->next_line("streaming", 100ms));
}

TEST_F(PipewirePortal, IsNotAskedWherePipeWireWasReachedBefore) {
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  start_portal(true);
  source->rest();
  const auto unreachable = source->read({});
  ASSERT_FALSE(unreachable) << "the portal would have shown it";
  EXPECT_THAT(unreachable.error().message, HasSubstr("PipeWire does not run"));
  unsetenv("PIPEWIRE_REMOTE");
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
}

TEST_F(PipewirePortal, GivesNoOtherCameraInThePlaceOfOneThatDies) {
  const auto room = start_camera("room");
  const auto ours = start_camera("viba-camera", {"--picture", kBlue});
  start_portal(true);
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
  webcam_->kill();
  const bool failed = read_until(*source, [](const auto& read) {
    EXPECT_TRUE(!read || shows(**read, 100, 100, kGreenColor));
    return !read;
  });
  EXPECT_TRUE(failed);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(source->read({}));
  unsetenv("PIPEWIRE_REMOTE");
  webcam_ = start_camera("webcam", {"--description", "HD Webcam", "--picture", kGreen});
  setenv("PIPEWIRE_REMOTE", "nowhere", 1);
  EXPECT_TRUE(read_until(*source, [](const auto& read) { return read && *read; }));
  EXPECT_TRUE(shows(next(*source), 100, 100, kGreenColor));
}

/// Links cannot be seen there; the stream keeps to the buffers that it began with.
TEST_F(PipewirePortal, ShowsNothingOfWhatIsLinkedInBesideTheCamera) {
  const auto room = start_camera("room");
  start_portal(true);
  const auto source = open("webcam");
  ASSERT_TRUE(source);
  EXPECT_FALSE(next(*source).empty());
  unsetenv("PIPEWIRE_REMOTE");
  Process by_hand({"pw-link", "room:out_0", "viba-reader:in_0"});
  if (by_hand.wait() == 127) GTEST_SKIP() << "pw-link is not installed";
  setenv("PIPEWIRE_REMOTE", "nowhere", 1);
  for (int i = 0; i < 60; ++i) {
    const auto read = source->read({});
    EXPECT_TRUE(!read || shows(**read, 100, 100, kGreenColor));
  }
}

}  // namespace
}  // namespace viba::pipewire_test
