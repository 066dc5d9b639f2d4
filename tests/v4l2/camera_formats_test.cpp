#include "media/camera_formats.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>

namespace viba {
namespace {

constexpr auto kYuyv = V4L2_PIX_FMT_YUYV;
constexpr auto kNv12 = V4L2_PIX_FMT_NV12;
constexpr auto kI420 = V4L2_PIX_FMT_YUV420;
constexpr auto kMjpeg = V4L2_PIX_FMT_MJPEG;
constexpr auto kRgb = V4L2_PIX_FMT_RGB24;
constexpr auto kGrey = V4L2_PIX_FMT_GREY;
constexpr auto kUnknown = V4L2_PIX_FMT_H264;

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
      {"UnknownFormatIsPassedOver", {{kUnknown, {1280, 720}, 30}, small_raw}, {1280, 720}, 30, small_raw},
      {"YuvBeforeRgb", {{kRgb, {640, 480}, 30}, small_raw}, {640, 480}, 30, small_raw},
      {"RgbBeforeCompressed", {{kRgb, {1280, 720}, 30}, fast_jpeg}, {1280, 720}, 30, CameraMode{kRgb, {1280, 720}, 30}},
      {"ColourBeforeSizeAndRate",
       {{kGrey, {1280, 720}, 30}, {kYuyv, {320, 240}, 5}},
       {1280, 720},
       30,
       CameraMode{kYuyv, {320, 240}, 5}},
      {"GrayWhenThereIsNoOther",
       {{kGrey, {640, 360}, 15}, {kUnknown, {1280, 720}, 30}},
       {1280, 720},
       30,
       CameraMode{kGrey, {640, 360}, 15}},
      {"NothingKnown", {{kUnknown, {1280, 720}, 30}}, {1280, 720}, 30, std::nullopt},
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
  EXPECT_EQ(of(kGrey, V4L2_COLORSPACE_SRGB, 0, 0), full);
  EXPECT_EQ(of(kGrey, V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_LIM_RANGE), limited);
  EXPECT_EQ(of(kRgb, V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_FULL_RANGE), limited) << "as it is converted";
  EXPECT_EQ(of(kRgb, V4L2_COLORSPACE_REC709, V4L2_YCBCR_ENC_709, 0), limited);
  EXPECT_EQ(of(kMjpeg, V4L2_COLORSPACE_REC709, 0, 0), full);
  EXPECT_EQ(of(kMjpeg, V4L2_COLORSPACE_SRGB, 0, V4L2_QUANTIZATION_LIM_RANGE), limited);
}

TEST(CameraFormats, NameEachFormatOnce) {
  for (const CameraFormat& format : camera_formats()) EXPECT_EQ(find_camera_format(format.fourcc), &format);
  EXPECT_EQ(find_camera_format(kUnknown), nullptr);
}

}  // namespace
}  // namespace viba
