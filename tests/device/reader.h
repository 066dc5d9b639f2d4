#pragma once

#include <array>
#include <string>

#include "device/device_test.h"

namespace viba::device_test {

inline std::size_t yuyv_bytes(Size size) { return std::size_t(size.width) * std::size_t(size.height) * 2; }

/// Y, U, Y, V of the two pixels that a point lies in.
inline std::array<int, 4> yuyv_pair(const std::string& pictures, Size size, std::size_t picture, Point point) {
  const std::size_t at = picture * yuyv_bytes(size) + std::size_t(2 * (point.y * size.width + (point.x & ~1)));
  std::array<int, 4> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(pictures.at(at + i));
  return bytes;
}

/// A program that is not ours passes over `skip` pictures of the loopback and takes the
/// next `count`, as they come, into a file.
struct Reader {
  Reader(const TemporaryFolder& folder, const std::string& name, std::size_t count, int skip = 0)
      : pictures(folder.file(name)),
        log(folder.file(name + ".log")),
        process({"v4l2-ctl", "-d", kLoopback, "--stream-mmap", "--stream-skip=" + std::to_string(skip),
                 "--stream-count=" + std::to_string(count), "--stream-to=" + pictures},
                log) {}

  [[nodiscard]] std::size_t bytes() const {
    std::error_code none_yet;
    const auto size = std::filesystem::file_size(pictures, none_yet);
    return none_yet ? 0 : size;
  }

  std::string pictures;
  std::string log;
  ChildProcess process;
};

/// Whether something feeds the loopback, which then shows itself as a camera.
inline bool is_fed(const TemporaryFolder& folder) {
  (void)run({"v4l2-ctl", "-d", kLoopback, "--info"}, folder.file("info"));
  return file_text(folder.file("info")).find("Video Capture") != std::string::npos;
}

}  // namespace viba::device_test
