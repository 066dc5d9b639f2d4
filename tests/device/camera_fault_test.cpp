#include <sstream>

#include "capture/v4l2_source.h"
#include "device/device_test.h"

namespace viba::device_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsSupersetOf;

constexpr CameraRequest kRequest{{320, 180}, 30};

void set_control(const std::string& assignment) {
  EXPECT_EQ(run({"v4l2-ctl", "-d", kVivid, "-c", assignment}), 0) << assignment;
}

std::unique_ptr<Source> open_camera() {
  auto source = open_v4l2_source(kVivid, kRequest, {});
  EXPECT_TRUE(source) << source.error().message;
  return source ? std::move(*source) : nullptr;
}

void expect_pictures(Source& source, int count) {
  for (int i = 0; i < count; ++i) {
    const auto frame = source.read({});
    ASSERT_TRUE(frame) << frame.error().message;
    ASSERT_TRUE(*frame);
    EXPECT_EQ((*frame)->size(), kRequest.size);
  }
}

void expect_it_works() {
  const auto source = open_camera();
  ASSERT_TRUE(source);
  expect_pictures(*source, 3);
}

/// What the read gives that fails after the injection, when those of before are used up.
Error error_of_running_camera(const std::string& injection) {
  const auto source = open_camera();
  if (!source) return {};
  expect_pictures(*source, 1);
  set_control(injection);
  Result<std::optional<Frame>> read = std::optional<Frame>{};
  for (int i = 0; i < 8 && read; ++i) read = source->read({});
  EXPECT_FALSE(read) << injection;
  return read ? Error{} : read.error();
}

TEST(CameraFault, ABufferThatIsNotTakenBackEndsTheSource) {
  const Error error = error_of_running_camera("inject_vidioc_qbuf_error=1");
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, AllOf(HasSubstr("vivid (/dev/video0)"), HasSubstr("plug it in again")));
  expect_it_works();
}

TEST(CameraFault, AFatalErrorWhileItRunsEndsTheSource) {
  const Error error = error_of_running_camera("inject_fatal_streaming_error=1");
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, AllOf(HasSubstr("vivid (/dev/video0)"), HasSubstr("plug it in again")));
  expect_it_works();
}

TEST(CameraFault, WhatFailsAtTheStartWorksTheNextTime) {
  for (const std::string injection : {"inject_vidioc_streamon_error=1", "inject_vidioc_reqbufs_error=1"}) {
    set_control(injection);
    const auto source = open_v4l2_source(kVivid, kRequest, {});
    ASSERT_FALSE(source) << injection;
    EXPECT_EQ(source.error().code, ErrorCode::kIo);
    EXPECT_THAT(source.error().message, AllOf(HasSubstr("vivid (/dev/video0)"), HasSubstr("plug it in again")));
    expect_it_works();
  }
}

TEST(CameraFault, PicturesThatGetLostAreMissedAndNoMore) {
  set_control("percentage_of_dropped_buffers=50");
  const auto source = open_camera();
  ASSERT_TRUE(source);
  expect_pictures(*source, 20);
  set_control("percentage_of_dropped_buffers=0");
}

/// "brightness 77" and so on; those that are read-only change by themselves.
std::vector<std::string> settings_of_camera() {
  const TemporaryFolder folder;
  EXPECT_EQ(run({"v4l2-ctl", "-d", kVivid, "--list-ctrls"}, folder.file("controls")), 0);
  std::istringstream lines(file_text(folder.file("controls")));
  std::vector<std::string> settings;
  for (std::string line; std::getline(lines, line);) {
    const auto value = line.find(" value=");
    if (value == std::string::npos || line.find("read-only") != std::string::npos) continue;
    std::istringstream name(line);
    std::istringstream number(line.substr(value + 7));
    std::string setting;
    std::string set_to;
    name >> setting;
    number >> set_to;
    settings.push_back(setting + " " + set_to);
  }
  return settings;
}

TEST(CameraFault, ControlsStayAsTheyAre) {
  set_control("gain_automatic=0");  // or the gain changes by itself
  set_control("brightness=77,contrast=33,saturation=99,hue=-12,horizontal_flip=1");
  const auto before = settings_of_camera();
  EXPECT_THAT(before, IsSupersetOf({"brightness 77", "contrast 33", "saturation 99", "hue -12", "horizontal_flip 1"}));
  {
    const auto source = open_camera();
    ASSERT_TRUE(source);
    expect_pictures(*source, 3);
    EXPECT_EQ(settings_of_camera(), before);
  }
  EXPECT_EQ(settings_of_camera(), before);
}

}  // namespace
}  // namespace viba::device_test
