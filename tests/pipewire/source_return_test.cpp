#include "pipewire/source_test.h"

namespace viba::pipewire_test {
namespace {

using testing::Contains;
using testing::HasSubstr;

class PipewireReturn : public PipewireSourceTest {
 protected:
  static std::unique_ptr<Process> webcam(const std::string& name, const std::string& picture = kGreen) {
    return start_camera(name, {"--description", "HD Webcam", "--picture", picture});
  }
  static bool comes_back(Source& source) {
    return read_until(source, [](const auto& read) { return read && *read && shows(**read, 100, 100, kGreenColor); });
  }
  static bool fails(Source& source) {
    return read_until(source, [](const auto& read) { return !read; });
  }
};

TEST_F(PipewireReturn, CameraIsLostAndBack) {
  auto camera = webcam("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(comes_back(*source));
  camera->kill();
  EXPECT_TRUE(fails(*source));
  const auto away = source->read({});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(away.error().message, HasSubstr("is not there: plug it in again"));
  camera = webcam("cam");
  EXPECT_TRUE(comes_back(*source));
  EXPECT_THAT(log_lines(), Contains(HasSubstr("is back.")));
}

TEST_F(PipewireReturn, CameraComesBackAtAnotherPlace) {
  auto camera = webcam("cam-1");
  const auto source = open("cam-1");
  ASSERT_TRUE(source);
  EXPECT_TRUE(comes_back(*source));
  camera->kill();
  EXPECT_TRUE(fails(*source));
  camera = webcam("cam-2");
  EXPECT_TRUE(comes_back(*source));
}

TEST_F(PipewireReturn, AnotherOfItsModelIsNotTakenForIt) {
  auto camera = webcam("cam-1");
  const auto twin = webcam("cam-2", "room");
  const auto source = open("cam-1");
  ASSERT_TRUE(source);
  EXPECT_TRUE(comes_back(*source));
  camera->kill();
  EXPECT_TRUE(fails(*source));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(source->read({}));
  camera = webcam("cam-3");
  EXPECT_TRUE(comes_back(*source));
}

TEST_F(PipewireReturn, CameraComesBackInAnotherFormatAndSize) {
  auto camera = webcam("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_EQ(next(*source).size(), (Size{640, 480}));
  camera->kill();
  EXPECT_TRUE(fails(*source));
  camera = start_camera("cam", {"--size", "320x180", "--format", "MJPEG", "--picture", kGreen});
  EXPECT_TRUE(comes_back(*source));
  EXPECT_EQ(next(*source).size(), (Size{320, 180}));
}

TEST_F(PipewireReturn, SessionEndsAndComesBack) {
  auto camera = webcam("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(comes_back(*source));
  session_.kill_pipewire();
  EXPECT_TRUE(fails(*source));
  const auto away = source->read({});
  ASSERT_FALSE(away);
  EXPECT_THAT(away.error().message, HasSubstr("PipeWire does not run"));
  ASSERT_TRUE(session_.restart_pipewire());
  camera = webcam("cam");
  EXPECT_TRUE(comes_back(*source));
}

TEST_F(PipewireReturn, SessionIsRestartedWhileTheCameraRests) {
  auto camera = webcam("cam");
  const auto source = open("cam");
  ASSERT_TRUE(source);
  EXPECT_TRUE(comes_back(*source));
  source->rest();
  ASSERT_TRUE(session_.restart_pipewire());
  camera = webcam("cam");
  EXPECT_TRUE(comes_back(*source));
}

}  // namespace
}  // namespace viba::pipewire_test
