#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "files/media_maker.h"
#include "files/test_pictures.h"
#include "media/video_reader.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using test::MediaSpec;
using test::TempFolder;

/// What the `ffmpeg` program makes of the same files, where there is one.
class FfmpegProgram : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("ffmpeg -version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no ffmpeg program to compare with";
  }

  /// All frames of the file as raw numbers.
  std::string decoded(const std::string& path, const char* how) const {
    const std::string raw = folder_ / "decoded.raw";
    const auto command = fmt::format("ffmpeg -nostdin -v error -y -i '{}' {} -f rawvideo '{}'", path, how, raw);
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return test::read_bytes(raw);
  }

  TempFolder folder_;
};

std::string bytes_of(ConstPlane plane) {
  std::string bytes;
  for (int y = 0; y < plane.size.height; ++y)
    bytes.append(reinterpret_cast<const char*>(plane.row(y)), static_cast<std::size_t>(plane.size.width));
  return bytes;
}

std::string bytes_of(const Frame& frame) { return bytes_of(frame.y()) + bytes_of(frame.u()) + bytes_of(frame.v()); }

int largest_difference(const std::string& a, const std::string& b) {
  if (a.size() != b.size()) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<std::uint8_t>(a[i]) - static_cast<std::uint8_t>(b[i])));
  return largest;
}

std::string read_all(const std::string& path) {
  std::string bytes;
  auto reader = VideoReader::open(path);
  if (!reader) return reader.error().message;
  for (auto frame = reader->next(); frame && *frame; frame = reader->next()) bytes += bytes_of(**frame);
  return bytes;
}

TEST_F(FfmpegProgram, ReadsMattesBackExactly) {
  constexpr Size kSize{162, 98};
  const std::string path = folder_ / "matte.mkv";
  auto writer = VideoWriter::create(path, kSize, 30, VideoContent::kMattes);
  ASSERT_TRUE(writer);
  std::string want;
  for (int i = 0; i < 5; ++i) {
    const Matte matte = test::test_matte(kSize, i);
    ASSERT_TRUE(writer->write(matte));
    want += bytes_of(matte.alpha());
  }
  ASSERT_TRUE(writer->finish());
  EXPECT_TRUE(decoded(path, "-pix_fmt gray") == want);
  ASSERT_TRUE(write_png(folder_ / "matte.png", test::test_matte(kSize)));
  EXPECT_TRUE(decoded(folder_ / "matte.png", "-pix_fmt gray") == bytes_of(test::test_matte(kSize).alpha()));
}

TEST_F(FfmpegProgram, ReadsVideosAsWeDo) {
  for (const char* name : {"clip.mp4", "clip.mkv", "clip.y4m"}) {
    const std::string path = folder_ / name;
    auto writer = VideoWriter::create(path, {320, 180}, 30, VideoContent::kFrames);
    ASSERT_TRUE(writer);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(writer->write(test::test_frame({320, 180}, i)));
    ASSERT_TRUE(writer->finish());
    EXPECT_TRUE(decoded(path, "-pix_fmt yuv420p") == read_all(path)) << name;
  }
}

TEST_F(FfmpegProgram, ConvertsColoursAsWeDo) {
  // Smooth, because the two differ at edges in how they place chroma.
  const auto smooth = [](int x, int y, int) { return test::Rgba{x / 255.0, y / 31.0, 1 - x / 255.0, 1}; };
  const std::string path = folder_ / "bt709.mkv";
  MediaSpec spec;
  spec.size = {256, 32};
  spec.frames = 2;
  spec.space = AVCOL_SPC_BT709;
  spec.range = AVCOL_RANGE_MPEG;
  spec.kr = 0.2126;
  spec.kb = 0.0722;
  ASSERT_TRUE(test::make_media(path, spec, smooth));
  const auto ours = read_all(path);
  const auto theirs = decoded(
      path, "-vf scale=in_color_matrix=bt709:out_color_matrix=bt601:flags=accurate_rnd+full_chroma_int,format=yuv420p");
  EXPECT_LE(largest_difference(ours, theirs), 3);
}

}  // namespace
}  // namespace viba
