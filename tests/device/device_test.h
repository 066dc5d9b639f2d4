#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <viba/stages.h>

#include "device/child_process.h"
#include "media/scale.h"
#include "support/sink_support.h"

namespace viba::device_test {

inline constexpr const char* kVivid = "/dev/video0";
inline constexpr const char* kVividOutput = "/dev/video1";
inline constexpr const char* kLoopback = "/dev/video20";
inline constexpr const char* kSecondLoopback = "/dev/video21";

/// What is waited for without an event is asked for this often, and for this long.
inline constexpr std::chrono::milliseconds kBetweenLooks{15};
inline constexpr std::chrono::seconds kPatience{20};

/// Eight colours in two rows of four.
inline constexpr std::array<std::array<int, 3>, 8> kChart{{{255, 255, 255},
                                                           {220, 40, 30},
                                                           {30, 200, 60},
                                                           {40, 60, 220},
                                                           {240, 220, 40},
                                                           {200, 60, 190},
                                                           {40, 190, 200},
                                                           {10, 10, 10}}};

inline YuvColor chart_color(std::size_t patch) {
  const auto [red, green, blue] = kChart[patch];
  return yuv_of_rgb(red, green, blue);
}

/// The middle of a patch; its edges are soft after scaling.
struct Point {
  int x, y;
};
inline Point chart_point(Size size, std::size_t patch) {
  return {int(size.width * (2 * (patch % 4) + 1) / 8), int(size.height * (2 * (patch / 4) + 1) / 4)};
}

inline Frame chart(FramePool& pool, Size size, FrameInfo info = {}) {
  auto frame = pool.acquire(size).value();
  const auto paint = [](Plane plane, auto value_of) {
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x)
        plane.row(y)[x] =
            value_of(chart_color(std::size_t(4 * (2 * y / plane.size.height) + 4 * x / plane.size.width)));
  };
  paint(frame.y(), [](YuvColor color) { return color.y; });
  paint(frame.u(), [](YuvColor color) { return color.u; });
  paint(frame.v(), [](YuvColor color) { return color.v; });
  return std::move(frame).freeze(info);
}

using test::LogLines;
using test::Vouch;

/// Asks until the answer is yes. False when it never is.
inline bool wait_until(const std::function<bool()>& true_now) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!true_now()) {
    if (std::chrono::steady_clock::now() > end) return false;
    poll(nullptr, 0, static_cast<int>(kBetweenLooks.count()));
  }
  return true;
}

inline std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_(testing::TempDir() + "viba_device_" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Runs a program to its end. Its exit status.
inline int run(const std::vector<std::string>& arguments, const std::string& log = "/dev/null") {
  return ChildProcess(arguments, log).status();
}

}  // namespace viba::device_test
