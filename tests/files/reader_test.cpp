#include "media/video_reader.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "files/media_maker.h"
#include "files/test_pictures.h"
#include "media/scale.h"
#include "media/video_writer.h"

namespace viba {
namespace {

using test::MediaSpec;
using test::Rgba;
using test::TempFolder;

void expect_colour(const Frame& frame, int x, int y, Rgba colour, double tolerance) {
  const auto byte = [](double value) { return static_cast<int>(std::lround(255 * value)); };
  const YuvColor want = yuv_of_rgb(byte(colour[0]), byte(colour[1]), byte(colour[2]));
  const test::Yuv got = test::pixel(frame, x, y);
  EXPECT_NEAR(got.y, want.y, tolerance) << "luma at " << x << "," << y;
  EXPECT_NEAR(got.u, want.u, tolerance) << "u at " << x << "," << y;
  EXPECT_NEAR(got.v, want.v, tolerance) << "v at " << x << "," << y;
}

void expect_bars(const Frame& frame) {
  const auto [width, height] = frame.size();
  for (int bar = 0; bar < 8; ++bar)
    expect_colour(frame, (2 * bar + 1) * width / 16, height / 2, test::bar_colour(bar), 3);
}

struct ColourCase {
  const char* name;
  MediaSpec spec;
};

void PrintTo(const ColourCase& c, std::ostream* out) { *out << c.name; }

class ReaderColours : public testing::TestWithParam<ColourCase> {};

constexpr double kKr709 = 0.2126, kKb709 = 0.0722;
constexpr double kKr2020 = 0.2627, kKb2020 = 0.0593;

TEST_P(ReaderColours, ComeOutAsBt601Limited) {
  const TempFolder folder;
  const std::string path = folder / "bars";
  const MediaSpec& spec = GetParam().spec;
  if (!test::make_media(path, spec, test::bars(spec.size.width))) GTEST_SKIP() << "no encoder " << spec.encoder;
  const auto frame = load_picture(path);
  ASSERT_TRUE(frame) << frame.error().message;
  EXPECT_EQ(frame->size(), spec.size);
  expect_bars(*frame);
}

MediaSpec lossless(AVPixelFormat format, AVColorSpace space, AVColorRange range, double kr, double kb,
                   Size size = {256, 32}) {
  return {"matroska", "ffv1", format, size, 1, 25, space, range, kr, kb};
}

MediaSpec picture(const char* container, const char* encoder, AVPixelFormat format,
                  AVColorRange range = AVCOL_RANGE_UNSPECIFIED) {
  return {container, encoder, format, {256, 32}, 1, 25, AVCOL_SPC_UNSPECIFIED, range};
}

const ColourCase kColourCases[] = {
    {"bt709", lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, kKr709, kKb709)},
    {"bt709_full", lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, kKr709, kKb709)},
    {"bt2020_10bit", lossless(AV_PIX_FMT_YUV420P10, AVCOL_SPC_BT2020_NCL, AVCOL_RANGE_MPEG, kKr2020, kKb2020)},
    {"bt601", lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_SMPTE170M, AVCOL_RANGE_MPEG, 0.299, 0.114)},
    {"bt601_full_444", lossless(AV_PIX_FMT_YUV444P, AVCOL_SPC_BT470BG, AVCOL_RANGE_JPEG, 0.299, 0.114)},
    {"bt709_422", lossless(AV_PIX_FMT_YUV422P, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, kKr709, kKb709)},
    {"bt709_full_422_10bit", lossless(AV_PIX_FMT_YUV422P10, AVCOL_SPC_BT709, AVCOL_RANGE_JPEG, kKr709, kKb709)},
    {"untagged_wide",
     lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, kKr709, kKb709, {1280, 16})},
    {"untagged_high",
     lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, kKr709, kKb709, {128, 578})},
    {"untagged_small", lossless(AV_PIX_FMT_YUV420P, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, 0.299, 0.114)},
    {"rgb", lossless(AV_PIX_FMT_BGR0, AVCOL_SPC_UNSPECIFIED, AVCOL_RANGE_UNSPECIFIED, 0.299, 0.114, {1280, 16})},
    {"transparent_bt709", lossless(AV_PIX_FMT_YUVA420P, AVCOL_SPC_BT709, AVCOL_RANGE_MPEG, kKr709, kKb709)},
    {"nv12", {"nut", "rawvideo", AV_PIX_FMT_NV12, {256, 32}}},
    {"jpeg", picture("image2pipe", "mjpeg", AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG)},
    {"jpeg_422", picture("image2pipe", "mjpeg", AV_PIX_FMT_YUVJ422P, AVCOL_RANGE_JPEG)},
    {"jpeg_444", picture("image2pipe", "mjpeg", AV_PIX_FMT_YUVJ444P, AVCOL_RANGE_JPEG)},
    {"png", picture("image2pipe", "png", AV_PIX_FMT_RGB24)},
    {"png_transparent", picture("image2pipe", "png", AV_PIX_FMT_RGBA)},
    {"png_16bit", picture("image2pipe", "png", AV_PIX_FMT_RGB48BE)},
    {"gif", picture("gif", "gif", AV_PIX_FMT_BGR8)},
    {"bmp", picture("image2pipe", "bmp", AV_PIX_FMT_BGR24)},
    {"webp", picture("webp", "libwebp", AV_PIX_FMT_BGRA)},
};

INSTANTIATE_TEST_SUITE_P(All, ReaderColours, testing::ValuesIn(kColourCases),
                         [](const auto& param) { return param.param.name; });

TEST(Reader, GrayPicturesAreFullRange) {
  const TempFolder folder;
  const std::string path = folder / "gray.png";
  MediaSpec spec{"image2pipe", "png", AV_PIX_FMT_GRAY8, {256, 4}};
  ASSERT_TRUE(test::make_media(path, spec, [](int x, int, int) { return Rgba{x / 255.0, x / 255.0, x / 255.0, 1}; }));
  const auto frame = load_picture(path);
  ASSERT_TRUE(frame) << frame.error().message;
  for (const int x : {0, 60, 128, 200, 254}) expect_colour(*frame, x, 2, {x / 255.0, x / 255.0, x / 255.0, 1}, 1);
}

struct AlphaCase {
  const char* name;
  const char* container;
  const char* encoder;
  AVPixelFormat format;
};

class ReaderAlpha : public testing::TestWithParam<AlphaCase> {};

TEST_P(ReaderAlpha, IsLaidOverBlack) {
  const TempFolder folder;
  const std::string path = folder / "transparent";
  MediaSpec spec{GetParam().container, GetParam().encoder, GetParam().format, {64, 16}};
  const auto painter = [](int x, int, int) {
    const double opacity = x < 16 ? 0 : x < 32 ? 0.5 : 1;
    return x < 48 ? Rgba{1, 0.4, 0.2, opacity} : Rgba{1, 1, 1, 1};
  };
  if (!test::make_media(path, spec, painter)) GTEST_SKIP() << "no encoder " << spec.encoder;
  const auto frame = load_picture(path);
  ASSERT_TRUE(frame) << frame.error().message;
  expect_colour(*frame, 8, 8, {0, 0, 0, 1}, 3);
  expect_colour(*frame, 24, 8, {0.5, 0.2, 0.1, 1}, 3);
  expect_colour(*frame, 40, 8, {1, 0.4, 0.2, 1}, 3);
  expect_colour(*frame, 56, 8, {1, 1, 1, 1}, 3);
}

INSTANTIATE_TEST_SUITE_P(All, ReaderAlpha,
                         testing::Values(AlphaCase{"png", "image2pipe", "png", AV_PIX_FMT_RGBA},
                                         AlphaCase{"webp", "webp", "libwebp", AV_PIX_FMT_BGRA},
                                         AlphaCase{"video", "matroska", "ffv1", AV_PIX_FMT_YUVA444P}),
                         [](const auto& param) { return param.param.name; });

/// The picture has one bright quarter; each display matrix brings it to another corner.
struct RotationCase {
  const char* name;
  std::array<int, 4> display;
  bool right, bottom;  ///< where what was at the top left stands afterwards
  bool across;
  bool mirrored;
};

class ReaderRotation : public testing::TestWithParam<RotationCase> {};

TEST_P(ReaderRotation, IsApplied) {
  const TempFolder folder;
  const std::string path = folder / "turned.mp4";
  MediaSpec spec{"mp4", "mpeg4", AV_PIX_FMT_YUV420P, {96, 64}};
  spec.display = GetParam().display;
  // Red at the top left, blue at the top right: two corners tell all eight orientations apart.
  ASSERT_TRUE(test::make_media(path, spec, [](int x, int y, int) {
    if (y >= 32) return Rgba{0, 0, 0, 1};
    return x < 48 ? Rgba{1, 0, 0, 1} : Rgba{0, 0, 1, 1};
  }));
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  const Size want = GetParam().across ? Size{64, 96} : Size{96, 64};
  EXPECT_EQ(reader->info().size, want);
  EXPECT_EQ(reader->info().coded_size, (Size{96, 64}));
  const auto frame = reader->next();
  ASSERT_TRUE(frame && *frame);
  const int x = GetParam().right ? want.width * 3 / 4 : want.width / 4;
  const int y = GetParam().bottom ? want.height * 3 / 4 : want.height / 4;
  expect_colour(**frame, x, y, {1, 0, 0, 1}, 6);
  // The neighbour along what was the upper edge.
  const bool along_x = !GetParam().across;
  expect_colour(**frame, along_x ? want.width - x : x, along_x ? y : want.height - y, {0, 0, 1, 1}, 6);
}

INSTANTIATE_TEST_SUITE_P(All, ReaderRotation,
                         testing::Values(RotationCase{"none", {1, 0, 0, 1}, false, false, false, false},
                                         RotationCase{"clockwise_90", {0, 1, -1, 0}, true, false, true, false},
                                         RotationCase{"half_turn", {-1, 0, 0, -1}, true, true, false, false},
                                         RotationCase{"clockwise_270", {0, -1, 1, 0}, false, true, true, false},
                                         RotationCase{"mirrored", {-1, 0, 0, 1}, true, false, false, true},
                                         RotationCase{"upside_down_mirrored", {1, 0, 0, -1}, false, true, false, true},
                                         RotationCase{"transposed", {0, 1, 1, 0}, false, false, true, true},
                                         RotationCase{"transverse", {0, -1, -1, 0}, true, true, true, true}),
                         [](const auto& param) { return param.param.name; });

/// Telephones leave the picture as the sensor saw it and say in EXIF how it was held.
TEST(Reader, TurnsPicturesAsTheirExifSays) {
  const TempFolder folder;
  const std::string path = folder / "telephone.jpg";
  const MediaSpec spec = picture("image2pipe", "mjpeg", AV_PIX_FMT_YUVJ420P, AVCOL_RANGE_JPEG);
  ASSERT_TRUE(test::make_media(path, spec, test::bars(256)));
  const std::string turn_clockwise(
      "\xff\xe1\0\x22"
      "Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0",
      36);
  test::write_bytes(path, test::read_bytes(path).insert(2, turn_clockwise));
  const auto frame = load_picture(path);
  ASSERT_TRUE(frame) << frame.error().message;
  ASSERT_EQ(frame->size(), (Size{32, 256}));
  for (int bar = 0; bar < 8; ++bar) expect_colour(*frame, 16, 16 + 32 * bar, test::bar_colour(bar), 3);
}

TEST(Reader, RoundsOddSizesDownToEven) {
  const TempFolder folder;
  for (const AVPixelFormat format : {AV_PIX_FMT_YUV420P, AV_PIX_FMT_YUV422P, AV_PIX_FMT_BGR0}) {
    const std::string path = folder / "odd.mkv";
    MediaSpec spec;
    spec.format = format;
    spec.size = {33, 17};
    ASSERT_TRUE(test::make_media(path, spec, [](int, int, int) { return Rgba{1, 0, 0, 1}; }));
    auto reader = VideoReader::open(path);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->info().size, (Size{32, 16}));
    EXPECT_EQ(reader->info().coded_size, (Size{33, 17}));
    const auto frame = reader->next();
    ASSERT_TRUE(frame && *frame);
    expect_colour(**frame, 31, 15, {1, 0, 0, 1}, 3);
  }
}

TEST(Reader, ScalesToTheSizeAsked) {
  const TempFolder folder;
  const std::string path = folder / "bars.png";
  MediaSpec spec{"image2pipe", "png", AV_PIX_FMT_RGB24, {256, 64}};
  ASSERT_TRUE(test::make_media(path, spec, test::bars(256)));
  const auto stretched = load_picture(path, {Size{128, 128}, Fit::kStretch});
  ASSERT_TRUE(stretched);
  EXPECT_EQ(stretched->size(), (Size{128, 128}));
  expect_bars(*stretched);
  const auto contained = load_picture(path, {Size{128, 128}, Fit::kContain});
  ASSERT_TRUE(contained);
  expect_colour(*contained, 120, 64, {1, 1, 1, 1}, 3);
  expect_colour(*contained, 120, 10, {0, 0, 0, 1}, 3);
  const auto refused = load_picture(path, {Size{127, 128}, Fit::kStretch});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
}

TEST(Reader, TellsPicturesFromVideos) {
  const TempFolder folder;
  const std::string still = folder / "still.gif";
  const std::string moving = folder / "moving.gif";
  MediaSpec spec{"gif", "gif", AV_PIX_FMT_BGR8, {32, 32}};
  const auto painter = [](int x, int, int frame) { return Rgba{x < 8 * frame ? 1.0 : 0.0, 0, 0, 1}; };
  ASSERT_TRUE(test::make_media(still, spec, painter));
  spec.frames = 4;
  spec.frames_per_second = 10;
  ASSERT_TRUE(test::make_media(moving, spec, painter));
  auto picture = VideoReader::open(still);
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_TRUE(picture->info().picture);
  EXPECT_EQ(picture->info().frames_per_second, 0);
  auto video = VideoReader::open(moving);
  ASSERT_TRUE(video) << video.error().message;
  EXPECT_FALSE(video->info().picture);
  EXPECT_NEAR(video->info().frames_per_second, 10, 0.01);
}

std::vector<Frame> all_frames(VideoReader& reader) {
  std::vector<Frame> frames;
  for (auto frame = reader.next(); frame && *frame; frame = reader.next()) frames.push_back(**frame);
  return frames;
}

struct LoopCase {
  const char* name;
  MediaSpec spec;
};

class ReaderRewind : public testing::TestWithParam<LoopCase> {};

TEST_P(ReaderRewind, GivesTheSameFramesAgain) {
  const TempFolder folder;
  const std::string path = folder / "loop";
  MediaSpec spec = GetParam().spec;
  spec.frames = 7;
  const auto painter = [](int x, int y, int frame) {
    return Rgba{x < 9 * frame ? 1.0 : 0.0, y < 20 ? 1.0 : 0.0, 0, 1};
  };
  if (!test::make_media(path, spec, painter)) GTEST_SKIP() << "no encoder " << spec.encoder;
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto first = all_frames(*reader);
  ASSERT_EQ(first.size(), 7u);
  for (int pass = 0; pass < 3; ++pass) {
    const auto ok = reader->rewind();
    ASSERT_TRUE(ok) << ok.error().message;
    if (pass == 1) {  // from the middle as well
      ASSERT_TRUE(reader->next());
      ASSERT_TRUE(reader->rewind());
    }
    const auto again = all_frames(*reader);
    ASSERT_EQ(again.size(), first.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
      EXPECT_TRUE(test::same_pixels(first[i], again[i])) << "frame " << i;
      EXPECT_EQ(again[i].info().sequence, i);
      EXPECT_EQ(again[i].info().position, first[i].info().position);
    }
  }
}

const LoopCase kLoopCases[] = {
    {"mp4_h264", {"mp4", "libx264"}},
    {"mp4_mpeg4", {"mp4", "mpeg4"}},
    {"mkv_ffv1", {"matroska", "ffv1"}},
    {"mkv_h264", {"matroska", "libx264"}},
    {"avi", {"avi", "mpeg4"}},
    {"mpegts", {"mpegts", "mpeg2video"}},
    {"y4m", {"yuv4mpegpipe", "wrapped_avframe"}},
    {"gif", {"gif", "gif", AV_PIX_FMT_BGR8}},
    {"apng", {"apng", "apng", AV_PIX_FMT_RGB24}},
    {"webm", {"webm", "libvpx"}},
    {"h264_stream", {"h264", "libx264"}},
};

INSTANTIATE_TEST_SUITE_P(All, ReaderRewind, testing::ValuesIn(kLoopCases),
                         [](const auto& param) { return param.param.name; });

TEST(Reader, CountsPositionsFromTheFirstFrame) {
  const TempFolder folder;
  const std::string path = folder / "clip.mp4";
  MediaSpec spec{"mp4", "libx264"};
  spec.frames = 12;
  if (!test::make_media(path, spec, test::bars(64))) GTEST_SKIP() << "no libx264";
  auto reader = VideoReader::open(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->info().frames_per_second, 25);
  const auto frames = all_frames(*reader);
  ASSERT_EQ(frames.size(), 12u);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].info().sequence, i);
    EXPECT_EQ(frames[i].info().position, std::chrono::milliseconds(40) * i);
  }
}

}  // namespace
}  // namespace viba
