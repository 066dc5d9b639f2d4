#include <random>

#include <gtest/gtest.h>

#include "files/media_maker.h"
#include "files/test_pictures.h"
#include "media/video_reader.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using test::MediaSpec;
using test::Rgba;
using test::TempFolder;

struct Kind {
  const char* name;
  MediaSpec spec;
  bool picture;
};

const Kind kKinds[] = {
    {"png", {"image2pipe", "png", AV_PIX_FMT_RGB24, {40, 30}}, true},
    {"jpeg",
     {"image2pipe", "mjpeg", AV_PIX_FMT_YUVJ420P, {96, 64}, 1, 25, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_JPEG},
     true},
    {"webp", {"webp", "libwebp", AV_PIX_FMT_YUV420P, {40, 30}}, true},
    {"still_gif", {"gif", "gif", AV_PIX_FMT_BGR8, {40, 30}}, true},
    {"bmp", {"image2pipe", "bmp", AV_PIX_FMT_BGR24, {40, 30}}, true},
    {"gif", {"gif", "gif", AV_PIX_FMT_BGR8, {40, 30}, 4}, false},
    {"mp4", {"mp4", "libx264", AV_PIX_FMT_YUV420P, {64, 48}, 6}, false},
    {"mkv", {"matroska", "ffv1", AV_PIX_FMT_YUV420P, {40, 30}, 4}, false},
    {"avi", {"avi", "mpeg4", AV_PIX_FMT_YUV420P, {64, 48}, 6}, false},
    {"y4m", {"yuv4mpegpipe", "wrapped_avframe", AV_PIX_FMT_YUV420P, {40, 30}, 3}, false},
};

class Damage : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    const auto painter = [](int x, int y, int frame) {
      return Rgba{((x * 37 + y * 11) % 64) / 63.0, ((x + frame * 5) % 32) / 31.0, (y % 16) / 15.0, 1};
    };
    if (!test::make_media(path_, GetParam().spec, painter)) GTEST_SKIP() << "no encoder " << GetParam().spec.encoder;
    whole_ = test::read_bytes(path_);
    ASSERT_FALSE(whole_.empty());
  }

  /// All that a reader can be asked for; how it ends does not matter, that it ends does.
  static void read_everything(const std::string& path) {
    auto reader = VideoReader::open(path);
    if (!reader) {
      EXPECT_FALSE(reader.error().message.empty());
      return;
    }
    for (int pass = 0; pass < 2; ++pass) {
      int frames = 0;
      for (auto frame = reader->next(); frame && *frame; frame = reader->next()) {
        EXPECT_EQ((*frame)->size(), reader->info().size);
        ASSERT_LT(++frames, 1000);
      }
      if (!reader->rewind()) return;
    }
  }

  TempFolder folder_;
  std::string path_ = folder_ / "media";
  std::string whole_;
};

TEST_P(Damage, FlippedBitsDoNotHurt) {
  std::mt19937 random(20240917);
  std::uniform_int_distribution<std::size_t> bit(0, whole_.size() * 8 - 1);
  for (int round = 0; round < 150; ++round) {
    std::string damaged = whole_;
    for (int flips = 0; flips <= round % 4; ++flips) {
      // Every other one near the beginning, where headers are.
      const std::size_t at = flips % 2 ? bit(random) % std::min<std::size_t>(damaged.size() * 8, 1600) : bit(random);
      damaged[at / 8] = static_cast<char>(damaged[at / 8] ^ 1 << at % 8);
    }
    test::write_bytes(path_, damaged);
    read_everything(path_);
  }
}

/// Cut off anywhere, a picture is refused; half of one must never be taken for a whole.
TEST_P(Damage, CutOffPicturesAreRefused) {
  const auto whole = load_picture(path_);
  ASSERT_TRUE(whole) << whole.error().message;
  const std::size_t step = std::max<std::size_t>(1, whole_.size() / 60);
  for (std::size_t length = 0; length < whole_.size(); length += step) {
    test::write_bytes(path_, whole_.substr(0, length));
    read_everything(path_);
    if (!GetParam().picture) continue;
    const auto frame = load_picture(path_);
    if (frame) {
      EXPECT_TRUE(test::same_pixels(*frame, *whole))
          << "half a picture, from " << length << " of " << whole_.size() << " bytes";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Damage, testing::ValuesIn(kKinds), [](const auto& param) { return param.param.name; });

TEST(DamagedVideo, AFrameThatDoesNotDecodeIsLeftOut) {
  const TempFolder folder;
  const std::string path = folder / "clip.mkv";
  MediaSpec spec{"matroska", "ffv1", AV_PIX_FMT_YUV420P, {128, 96}, 9};
  const auto noise = [](int x, int y, int frame) {
    const double value = ((x * 7919 + y * 104729 + frame * 1299709) % 256) / 255.0;
    return Rgba{value, value, value, 1};
  };
  ASSERT_TRUE(test::make_media(path, spec, noise));
  std::string bytes = test::read_bytes(path);
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 40; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  test::write_bytes(path, bytes);
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  int frames = 0;
  for (auto frame = reader->next(); frame && *frame; frame = reader->next()) ++frames;
  EXPECT_GE(frames, 7);
}

}  // namespace
}  // namespace viba
