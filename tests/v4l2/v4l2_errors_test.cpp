#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "capture/v4l2_source.h"
#include "media/v4l2_device.h"
#include "output/loopback_sink.h"

namespace viba {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string regular_file() {
  const std::string path = testing::TempDir() + "viba_v4l2_errors_" + std::to_string(getpid());
  std::ofstream(path) << "no device";
  return path;
}

Error source_error(const std::string& device) {
  const auto source = open_v4l2_source(device, {}, {});
  EXPECT_FALSE(source);
  return source ? Error{} : source.error();
}

Error sink_error(const std::string& device) {
  const auto sink = open_loopback_sink(device, {640, 360}, 30, {});
  EXPECT_FALSE(sink);
  return sink ? Error{} : sink.error();
}

TEST(V4l2Errors, MissingDevice) {
  const Error source = source_error("/dev/video999");
  EXPECT_EQ(source.code, ErrorCode::kNotFound);
  EXPECT_THAT(source.message, AllOf(HasSubstr("/dev/video999"), HasSubstr("plug it in"), HasSubstr("`viba devices`")));
  const Error sink = sink_error("/dev/video999");
  EXPECT_EQ(sink.code, ErrorCode::kNotFound);
  EXPECT_THAT(sink.message, AllOf(HasSubstr("/dev/video999"), HasSubstr("sudo modprobe v4l2loopback")));
}

TEST(V4l2Errors, WhatIsNoVideoDevice) {
  const std::string file = regular_file();
  for (const std::string& path : {file, std::string("/dev/null"), std::string("/tmp")}) {
    for (const Error& error : {source_error(path), sink_error(path)}) {
      EXPECT_EQ(error.code, ErrorCode::kUnsupported) << path;
      EXPECT_THAT(error.message, AllOf(HasSubstr(path), HasSubstr("is not a video device")));
    }
  }
  std::filesystem::remove(file);
}

TEST(HolderOf, IsNobodyForWhatIsNoDevice) {
  EXPECT_EQ(holder_of("/dev/video999"), std::nullopt);
  EXPECT_EQ(holder_of("/tmp"), std::nullopt);
}

TEST(HolderOf, NamesOtherProcessesAndNotThisOne) {
  std::array<int, 2> ready{}, done{};
  ASSERT_EQ(pipe(ready.data()), 0);
  ASSERT_EQ(pipe(done.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(done[1]);
    const int held = open("/dev/full", O_RDWR | O_CLOEXEC);
    char byte = 0;
    if (held < 0 || write(ready[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 0) _exit(1);
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  const Fd own(open("/dev/full", O_RDWR | O_CLOEXEC));
  const auto holders = holders_of("/dev/full");
  EXPECT_TRUE(std::ranges::any_of(holders, [&](const DeviceHolder& holder) { return holder.pid == child; }));
  EXPECT_TRUE(std::ranges::none_of(holders, [](const DeviceHolder& holder) { return holder.pid == getpid(); }));
  EXPECT_THAT(describe(holders), HasSubstr("(pid " + std::to_string(child) + ")"));
  for (const int fd : {ready[0], ready[1], done[0], done[1]}) close(fd);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(Fd, MovesItsOwnership) {
  Fd first(dup(0));
  const int number = first.get();
  Fd second(std::move(first));
  EXPECT_EQ(second.get(), number);
  EXPECT_EQ(first.get(), -1);  // NOLINT(bugprone-use-after-move): that it is empty is the point
}

}  // namespace
}  // namespace viba
