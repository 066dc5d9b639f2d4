// Which devices the program takes when it is not told.

#include "device/device_test.h"

namespace viba::device_test {
namespace {

using testing::HasSubstr;

/// What the program says once it has chosen.
std::string choice_of(const TemporaryFolder& folder) {
  const std::string log = folder.file("viba.log");
  ChildProcess viba({VIBA_PROGRAM}, log);
  EXPECT_TRUE(wait_until([&] {
    return viba.ended_within(std::chrono::milliseconds{0}) || file_text(log).find("viba: To ") != std::string::npos;
  }));
  return file_text(log);
}

TEST(Choice, ACameraIsReadAndAFakeOneWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(choice_of(folder), testing::AllOf(HasSubstr("From vivid (/dev/video0)"), HasSubstr("To /dev/video20")));
}

TEST(Choice, AFakeCameraThatIsFedAlreadyIsPassedOver) {
  const TemporaryFolder folder;
  const ChildProcess other({"ffmpeg", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=10",
                            "-pix_fmt", "yuyv422", "-f", "v4l2", kLoopback},
                           folder.file("ffmpeg.log"));
  ASSERT_TRUE(wait_until([&] { return file_text(folder.file("ffmpeg.log")).find("frame=") != std::string::npos; }));
  EXPECT_THAT(choice_of(folder), testing::AllOf(HasSubstr("From vivid (/dev/video0)"), HasSubstr("To /dev/video21")));
}

}  // namespace
}  // namespace viba::device_test
