#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "media/scale.h"
#include "media/video_writer.h"

/// Files that tests make for themselves.
namespace viba::test {

/// A folder that is gone when the test is over.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "/viba_XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// A frame of one colour with a bright bar whose place tells the frame's number.
inline Frame numbered_frame(FramePool& pool, Size size, int number) {
  auto frame = pool.acquire(size);
  fill(*frame, {90, 110, 140});
  const int left = number * 4 % (size.width - 8);
  for (int y = 0; y < size.height; ++y) std::fill_n(frame->y().row(y) + left, 8, std::uint8_t{220});
  return std::move(*frame).freeze({.sequence = static_cast<std::uint64_t>(number)});
}

inline void write_clip(const std::string& path, Size size, int frames, double fps = 30) {
  auto writer = VideoWriter::create(path, size, fps, VideoContent::kFrames);
  ASSERT_TRUE(writer) << writer.error().message;
  FramePool pool;
  for (int i = 0; i < frames; ++i) ASSERT_TRUE(writer->write(numbered_frame(pool, size, i)));
  ASSERT_TRUE(writer->finish());
}

}  // namespace viba::test
