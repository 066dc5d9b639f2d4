#include "media/camera_formats.h"

#include <algorithm>
#include <array>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "media/jpeg_decoder.h"

namespace viba {
namespace {

constexpr auto kYuyv = V4L2_PIX_FMT_YUYV;
constexpr auto kNv12 = V4L2_PIX_FMT_NV12;
constexpr auto kI420 = V4L2_PIX_FMT_YUV420;
constexpr auto kMjpeg = V4L2_PIX_FMT_MJPEG;
constexpr auto kRgb = V4L2_PIX_FMT_RGB24;

struct Choice {
  std::string name;
  std::vector<CameraMode> offered;
  Size size;
  double rate;
  std::optional<CameraMode> wanted;
  friend std::ostream& operator<<(std::ostream& out, const Choice& choice) { return out << choice.name; }
};

std::vector<Choice> choices() {
  const CameraMode slow_raw{kYuyv, {1280, 720}, 10};
  const CameraMode fast_jpeg{kMjpeg, {1280, 720}, 30};
  const CameraMode small_raw{kYuyv, {640, 480}, 30};
  return {
      {"RawWhenBothReachTheRate", {{kMjpeg, {640, 480}, 30}, small_raw}, {640, 480}, 30, small_raw},
      {"RawEvenWhenCompressedIsFaster", {{kMjpeg, {640, 480}, 60}, small_raw}, {640, 480}, 30, small_raw},
      {"CompressedWhenRawIsTooSlow", {slow_raw, fast_jpeg, small_raw}, {1280, 720}, 30, fast_jpeg},
      {"SizeBeforeRate", {slow_raw, small_raw}, {1280, 720}, 30, slow_raw},
      {"FasterWhenNoneReaches",
       {slow_raw, {kMjpeg, {1280, 720}, 25}},
       {1280, 720},
       60,
       CameraMode{kMjpeg, {1280, 720}, 25}},
      {"NtscRateIsThirty",
       {{kYuyv, {640, 480}, 29.97}, {kMjpeg, {640, 480}, 30}},
       {640, 480},
       30,
       CameraMode{kYuyv, {640, 480}, 29.97}},
      {"NearestLargerSize",
       {{kYuyv, {960, 540}, 30}, {kYuyv, {1280, 800}, 30}},
       {1280, 720},
       30,
       CameraMode{kYuyv, {1280, 800}, 30}},
      {"NearestSmallerSize", {{kYuyv, {640, 480}, 30}, {kYuyv, {3840, 2160}, 30}}, {800, 600}, 30, small_raw},
      {"PlanarBeforePacked",
       {small_raw, {kNv12, {640, 480}, 30}, {kI420, {640, 480}, 30}},
       {640, 480},
       30,
       CameraMode{kI420, {640, 480}, 30}},
      {"UnknownRateIsBelieved",
       {fast_jpeg, {kYuyv, {1280, 720}, 0}},
       {1280, 720},
       30,
       CameraMode{kYuyv, {1280, 720}, 0}},
      {"UnknownFormatIsPassedOver", {{kRgb, {1280, 720}, 30}, small_raw}, {1280, 720}, 30, small_raw},
      {"NothingKnown", {{kRgb, {1280, 720}, 30}}, {1280, 720}, 30, std::nullopt},
      {"EmptySizeIsPassedOver", {{kYuyv, {0, 0}, 30}}, {1280, 720}, 30, std::nullopt},
      {"NothingOffered", {}, {1280, 720}, 30, std::nullopt},
  };
}

class ChooseMode : public testing::TestWithParam<Choice> {};

TEST_P(ChooseMode, TakesTheNearest) {
  const auto& [name, offered, size, rate, wanted] = GetParam();
  EXPECT_EQ(choose_mode(offered, size, rate), wanted);
}

TEST_P(ChooseMode, DoesNotDependOnTheOrder) {
  auto [name, offered, size, rate, wanted] = GetParam();
  std::ranges::reverse(offered);
  EXPECT_EQ(choose_mode(offered, size, rate), wanted);
}

INSTANTIATE_TEST_SUITE_P(Table, ChooseMode, testing::ValuesIn(choices()),
                         [](const auto& tested) { return tested.param.name; });

TEST(NearestIn, KeepsToRangeAndSteps) {
  const SizeRange range{{160, 120}, {1920, 1080}, {16, 8}};
  EXPECT_EQ(nearest_in(range, {1280, 720}), (Size{1280, 720}));
  EXPECT_EQ(nearest_in(range, {1, 1}), (Size{160, 120}));
  EXPECT_EQ(nearest_in(range, {9999, 9999}), (Size{1920, 1080}));
  EXPECT_EQ(nearest_in(range, {1287, 725}), (Size{1280, 728}));
  EXPECT_EQ(nearest_in({{2, 2}, {9, 9}, {4, 4}}, {9, 9}), (Size{6, 6}));
  EXPECT_EQ(nearest_in({{0, 0}, {8192, 8192}, {0, 0}}, {641, 481}), (Size{641, 481}));
}

TEST(CameraColorSpace, TakesTheDriversWordThenTheDefaults) {
  const auto of = [](std::uint32_t fourcc, std::uint32_t colorspace, std::uint32_t enc, std::uint32_t quantization) {
    v4l2_pix_format pix{};
    pix.pixelformat = fourcc;
    pix.colorspace = colorspace;
    pix.ycbcr_enc = enc;
    pix.quantization = quantization;
    return camera_color_space(pix);
  };
  const ColorSpace limited{YuvMatrix::kBt601, YuvRange::kLimited};
  const ColorSpace full{YuvMatrix::kBt601, YuvRange::kFull};
  EXPECT_EQ(of(kYuyv, V4L2_COLORSPACE_DEFAULT, 0, 0), limited);
  EXPECT_EQ(of(kYuyv, V4L2_COLORSPACE_SRGB, 0, 0), limited);
  EXPECT_EQ(of(kYuyv, V4L2_COLORSPACE_JPEG, 0, 0), full);
  EXPECT_EQ(of(kYuyv, V4L2_COLORSPACE_REC709, 0, 0), (ColorSpace{YuvMatrix::kBt709, YuvRange::kLimited}));
  EXPECT_EQ(of(kYuyv, V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_709, V4L2_QUANTIZATION_FULL_RANGE),
            (ColorSpace{YuvMatrix::kBt709, YuvRange::kFull}));
  EXPECT_EQ(of(kNv12, V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_BT2020, 0),
            (ColorSpace{YuvMatrix::kBt2020, YuvRange::kLimited}));
  EXPECT_EQ(of(kMjpeg, V4L2_COLORSPACE_SRGB, 0, 0), full);
  EXPECT_EQ(of(kMjpeg, V4L2_COLORSPACE_REC709, 0, 0), full);
  EXPECT_EQ(of(kMjpeg, V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_LIM_RANGE), limited);
}

/// A test picture whose every pixel is different enough from its neighbours to show a wrong stride.
/// Chroma changes slowly, so that averaging rows moves it by 1 at most.
int luma(int x, int y) { return 16 + (5 * x + 7 * y) % 200; }
int chroma_u(int x, int y) { return 60 + x + y; }
int chroma_v(int x, int y) { return 200 - x - 2 * y; }

using Fill = std::function<std::vector<std::uint8_t>(Size, int stride)>;

std::vector<std::uint8_t> yuyv(Size size, int stride) {
  std::vector<std::uint8_t> bytes(std::size_t(stride * size.height), 0xee);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < (size.width + 1) / 2; ++x) {
      auto* pair = bytes.data() + y * stride + 4 * x;
      pair[0] = std::uint8_t(luma(2 * x, y));
      pair[1] = std::uint8_t(chroma_u(x, y / 2));
      pair[2] = std::uint8_t(luma(2 * x + 1, y));
      pair[3] = std::uint8_t(chroma_v(x, y / 2));
    }
  return bytes;
}

std::vector<std::uint8_t> planar(Size size, int stride, bool interleaved) {
  const int rows = (size.height + 1) / 2;
  const int chroma_stride = interleaved ? stride : stride / 2;
  std::vector<std::uint8_t> bytes(std::size_t(stride * size.height + stride * rows), 0xee);
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) bytes[std::size_t(y * stride + x)] = std::uint8_t(luma(x, y));
  auto* u = bytes.data() + stride * size.height;
  auto* v = interleaved ? u + 1 : u + chroma_stride * rows;
  const int step = interleaved ? 2 : 1;
  for (int y = 0; y < rows; ++y)
    for (int x = 0; x < (size.width + 1) / 2; ++x) {
      u[y * chroma_stride + step * x] = std::uint8_t(chroma_u(x, y));
      v[y * chroma_stride + step * x] = std::uint8_t(chroma_v(x, y));
    }
  return bytes;
}

std::vector<std::uint8_t> nv12(Size size, int stride) { return planar(size, stride, true); }
std::vector<std::uint8_t> i420(Size size, int stride) { return planar(size, stride, false); }

struct Layout {
  std::string name;
  std::uint32_t fourcc;
  Fill fill;
  int bytes_per_pixel_pair;
  Size size;
  int padding;
  friend std::ostream& operator<<(std::ostream& out, const Layout& layout) { return out << layout.name; }
};

class Convert : public testing::TestWithParam<Layout> {
 protected:
  Convert() : jpeg_(JpegDecoder::create().value()) {}

  [[nodiscard]] int stride() const {
    return (GetParam().size.width + 1) / 2 * GetParam().bytes_per_pixel_pair + GetParam().padding;
  }
  [[nodiscard]] Result<void> convert(std::span<const std::uint8_t> bytes, int bytes_per_line,
                                     const MutableFrame& frame) {
    return convert_picture(*find_camera_format(GetParam().fourcc), {bytes, GetParam().size, bytes_per_line}, jpeg_,
                           frame);
  }

  JpegDecoder jpeg_;
  FramePool pool_;
};

void expect_test_picture(const MutableFrame& frame) {
  for (int y = 0; y < frame.size().height; ++y)
    for (int x = 0; x < frame.size().width; ++x) {
      ASSERT_NEAR(frame.y().row(y)[x], luma(x, y), 2) << x << "," << y;
      ASSERT_NEAR(frame.u().row(y / 2)[x / 2], chroma_u(x / 2, y / 2), 2) << x << "," << y;
      ASSERT_NEAR(frame.v().row(y / 2)[x / 2], chroma_v(x / 2, y / 2), 2) << x << "," << y;
    }
}

TEST_P(Convert, GivesTheRightPlanes) {
  auto frame = pool_.acquire(round_to_even(GetParam().size));
  ASSERT_TRUE(frame);
  ASSERT_TRUE(convert(GetParam().fill(GetParam().size, stride()), stride(), *frame));
  expect_test_picture(*frame);
}

TEST_P(Convert, TakesMissingBytesPerLineAsNoPadding) {
  if (GetParam().padding != 0) return;
  auto frame = pool_.acquire(round_to_even(GetParam().size));
  ASSERT_TRUE(frame);
  ASSERT_TRUE(convert(GetParam().fill(GetParam().size, stride()), 0, *frame));
  expect_test_picture(*frame);
}

TEST_P(Convert, RefusesAShortBuffer) {
  auto frame = pool_.acquire(round_to_even(GetParam().size));
  ASSERT_TRUE(frame);
  const auto whole = GetParam().fill(GetParam().size, stride());
  for (const std::size_t kept :
       {std::size_t{0}, std::size_t{1}, whole.size() / 2, whole.size() - std::size_t(GetParam().padding) - 1}) {
    const std::vector<std::uint8_t> cut(whole.begin(), whole.begin() + std::ptrdiff_t(kept));
    const auto converted = convert(cut, stride(), *frame);
    ASSERT_FALSE(converted) << kept << " of " << whole.size();
    EXPECT_EQ(converted.error().code, ErrorCode::kBadData);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Convert,
    testing::Values(Layout{"Yuyv", kYuyv, yuyv, 4, {34, 22}, 0}, Layout{"YuyvPadded", kYuyv, yuyv, 4, {34, 22}, 12},
                    Layout{"YuyvOdd", kYuyv, yuyv, 4, {35, 23}, 0}, Layout{"Nv12", kNv12, nv12, 2, {34, 22}, 0},
                    Layout{"Nv12Padded", kNv12, nv12, 2, {34, 22}, 30}, Layout{"Nv12Odd", kNv12, nv12, 2, {35, 23}, 0},
                    Layout{"I420", kI420, i420, 2, {34, 22}, 0}, Layout{"I420Padded", kI420, i420, 2, {34, 22}, 30},
                    Layout{"I420Odd", kI420, i420, 2, {35, 23}, 0}),
    [](const auto& tested) { return tested.param.name; });

TEST(CameraFormats, NameEachFormatOnce) {
  for (const CameraFormat& format : camera_formats()) EXPECT_EQ(find_camera_format(format.fourcc), &format);
  EXPECT_EQ(find_camera_format(kRgb), nullptr);
}

}  // namespace
}  // namespace viba
