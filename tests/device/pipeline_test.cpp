#include <cstdlib>

#include "device/device_test.h"
#include "device/reader.h"

namespace viba::device_test {
namespace {

using testing::HasSubstr;

/// From the camera through the whole program to a reader that is not ours. The camera shows a test
/// picture without a person, so nearly all that arrives is the background.
TEST(Pipeline, ReplacesTheWholePictureOfACameraThatSeesNobody) {
  const TemporaryFolder folder;
  constexpr Size kSize{640, 360};
  constexpr std::size_t kPictures = 10;
  ChildProcess program({VIBA_PROGRAM, "--real-cam-device", kVivid, "--real-cam-resolution", "640x360",
                        "--fake-cam-device", kLoopback, "--background", "color:#00ff00", "--debug"},
                       folder.file("viba.log"));
  ASSERT_TRUE(wait_until([&] { return program.ended_within(std::chrono::milliseconds{0}) || is_fed(folder); }))
      << file_text(folder.file("viba.log"));
  Reader reader(folder, "pictures", kPictures, 20);
  ASSERT_TRUE(reader.process.ended_within(kPatience)) << file_text(folder.file("viba.log"));
  EXPECT_EQ(reader.process.status(), 0) << file_text(reader.log) << file_text(folder.file("viba.log"));

  const std::string pictures = file_text(reader.pictures);
  ASSERT_EQ(pictures.size(), kPictures * yuyv_bytes(kSize));
  const YuvColor green = yuv_of_rgb(0, 255, 0);
  for (std::size_t n = 0; n < kPictures; ++n) {
    for (const Point corner : {Point{2, 2}, Point{636, 2}, Point{2, 357}, Point{636, 357}}) {
      const auto pair = yuyv_pair(pictures, kSize, n, corner);
      ASSERT_NEAR(pair[0], green.y, 4) << "picture " << n;
      ASSERT_NEAR(pair[1], green.u, 4) << "picture " << n;
      ASSERT_NEAR(pair[3], green.v, 4) << "picture " << n;
    }
  }

  kill(program.pid(), SIGTERM);
  ASSERT_TRUE(program.ended_within(kPatience)) << "a stop that is asked for is obeyed";
  EXPECT_EQ(program.status(), 0) << file_text(folder.file("viba.log"));
}

TEST(Pipeline, SaysInOneSentenceWhatIsWrongWithADevice) {
  const TemporaryFolder folder;
  const auto says = [&](const std::string& camera, const std::string& fake) {
    EXPECT_NE(run({VIBA_PROGRAM, "--real-cam-device", camera, "--fake-cam-device", fake}, folder.file("log")), 0);
    return file_text(folder.file("log"));
  };
  EXPECT_THAT(says("/dev/video9", kLoopback), HasSubstr("There is no device /dev/video9"));
  EXPECT_THAT(says(kVividOutput, kLoopback), HasSubstr("is not a camera"));
  EXPECT_THAT(says("sample", kVivid), HasSubstr("is not a fake camera"));
}

}  // namespace
}  // namespace viba::device_test
