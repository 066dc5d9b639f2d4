#include "device/loopback_test.h"

namespace viba::device_test {
namespace {

using testing::HasSubstr;

class LoopbackProgram : public LoopbackTest {
 protected:
  ChildProcess viba(const std::string& camera, const std::string& log) {
    return ChildProcess({VIBA_PROGRAM, "--real-cam-device", camera, "--fake-cam-device", kLoopback, "--background",
                         "color:#00ff00", "--real-cam-resolution", "640x360"},
                        folder_.file(log));
  }
};

/// One and the same reader, whose stream never ends.
TEST_F(LoopbackProgram, ResumesItsReaderHoweverItEnded) {
  std::unique_ptr<Reader> reader;
  const auto gets_more = [&] {
    const auto before = reader->bytes();
    return wait_until([&] { return reader->bytes() >= before + 3 * yuyv_bytes(kLoopbackSize); });
  };
  for (const int end : {SIGTERM, SIGKILL, SIGINT, SIGKILL, SIGTERM}) {
    auto program = viba("sample", "viba.log");
    if (!reader) {
      // A reader that comes before ViBa would hold the device at another format.
      ASSERT_TRUE(wait_until([&] {
        return file_text(folder_.file("viba.log")).find("viba: To ") != std::string::npos;
      })) << file_text(folder_.file("viba.log"));
      ASSERT_TRUE(wait_until([&] { return gives_pictures(folder_); })) << file_text(folder_.file("viba.log"));
      reader = std::make_unique<Reader>(folder_, "lasting", 100000);
    }
    EXPECT_TRUE(gets_more()) << "before signal " << end << file_text(folder_.file("viba.log"));
    ASSERT_FALSE(reader->process.ended_within(std::chrono::milliseconds{0})) << file_text(reader->log);
    kill(program.pid(), end);
    ASSERT_TRUE(program.ended_within(kPatience));
    EXPECT_EQ(program.status(), end == SIGKILL ? 128 + SIGKILL : 0) << file_text(folder_.file("viba.log"));
  }
}

TEST_F(LoopbackProgram, IsNotStartedTwice) {
  const auto first = viba(kVivid, "first.log");
  ASSERT_TRUE(wait_until([&] { return gives_pictures(folder_); })) << file_text(folder_.file("first.log"));
  auto second = viba("sample", "second.log");
  ASSERT_TRUE(second.ended_within(kPatience)) << file_text(folder_.file("second.log"));
  EXPECT_EQ(second.status(), 1);
  EXPECT_THAT(file_text(folder_.file("second.log")),
              HasSubstr("/dev/video20 is in use by viba (pid " + std::to_string(first.pid()) + ")"));
}

}  // namespace
}  // namespace viba::device_test
