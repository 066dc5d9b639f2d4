#include <array>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "media/camera_formats.h"
#include "media/jpeg_decoder.h"

namespace viba {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A test picture whose every pixel is different enough from its neighbours to show a wrong stride.
/// Chroma of whole rows changes slowly, so that averaging columns moves it by 1 at most.
int luma(int x, int y) { return 16 + (5 * x + 7 * y) % 200; }
int chroma_u(int x, int y) { return 60 + x + y; }
int chroma_v(int x, int y) { return 200 - x - 2 * y; }
std::array<int, 3> rgb(int x, int y) {
  return {(37 * x + 11 * y) % 256, (91 * x + 53 * y) % 256, (7 * x + 201 * y) % 256};
}

/// Where a format has chroma in every row, the two rows that make one differ by this from their mean.
int row_offset(int y) { return y % 2 == 0 ? 10 : -10; }

struct Numbers {
  double y, u, v;
};
/// ITU-R BT.601, 8 bits, limited range.
Numbers of_rgb(double r, double g, double b) {
  const double y = 0.299 * r + 0.587 * g + 0.114 * b;
  return {16 + 219 * y / 255, 128 + 224 * (b - y) / 1.772 / 255, 128 + 224 * (r - y) / 1.402 / 255};
}

struct Form {
  std::string name;
  std::uint32_t fourcc;
  PixelKind kind;
  int bytes_per_block, pixels_per_block;
  std::function<void(Bytes& bytes, Size size, int stride)> fill;
  int last_plane_share = 1;  ///< of the first plane's stride the last plane's is one in so many
  friend std::ostream& operator<<(std::ostream& out, const Form& form) { return out << form.name; }
  [[nodiscard]] int row_bytes(int width) const {
    return (width + pixels_per_block - 1) / pixels_per_block * bytes_per_block;
  }
};

/// Where in four bytes the first luma, U, the second luma and V lie.
Form packed_yuv(const std::string& name, std::uint32_t fourcc, std::array<int, 4> at) {
  return {name, fourcc, PixelKind::kYuv, 4, 2, [at](Bytes& bytes, Size size, int stride) {
            bytes.resize(std::size_t(stride * size.height), 0xee);
            for (int y = 0; y < size.height; ++y)
              for (int x = 0; x < (size.width + 1) / 2; ++x) {
                auto* pair = bytes.data() + y * stride + 4 * x;
                pair[at[0]] = std::uint8_t(luma(2 * x, y));
                pair[at[1]] = std::uint8_t(chroma_u(x, y / 2) + row_offset(y));
                pair[at[2]] = std::uint8_t(luma(2 * x + 1, y));
                pair[at[3]] = std::uint8_t(chroma_v(x, y / 2) + row_offset(y));
              }
          }};
}

struct Planes {
  int rows_each;  ///< of luma for a row of chroma
  bool interleaved;
  bool v_first;
};

Form plane_yuv(const std::string& name, std::uint32_t fourcc, Planes planes) {
  return {
      name,
      fourcc,
      PixelKind::kYuv,
      2,
      2,
      [planes](Bytes& bytes, Size size, int stride) {
        const int rows = (size.height + planes.rows_each - 1) / planes.rows_each;
        const int chroma_stride = planes.interleaved ? stride : stride / 2;
        bytes.resize(std::size_t(stride * size.height + chroma_stride * rows * (planes.interleaved ? 1 : 2)), 0xee);
        for (int y = 0; y < size.height; ++y)
          for (int x = 0; x < size.width; ++x) bytes[std::size_t(y * stride + x)] = std::uint8_t(luma(x, y));
        auto* first = bytes.data() + stride * size.height;
        auto* second = planes.interleaved ? first + 1 : first + chroma_stride * rows;
        const int step = planes.interleaved ? 2 : 1;
        for (int y = 0; y < rows; ++y)
          for (int x = 0; x < (size.width + 1) / 2; ++x) {
            const int row = planes.rows_each == 1 ? y / 2 : y;
            const int offset = planes.rows_each == 1 ? row_offset(y) : 0;
            (planes.v_first ? second : first)[y * chroma_stride + step * x] = std::uint8_t(chroma_u(x, row) + offset);
            (planes.v_first ? first : second)[y * chroma_stride + step * x] = std::uint8_t(chroma_v(x, row) + offset);
          }
      },
      planes.interleaved ? 1 : 2};
}

/// Where in a pixel's bytes red, green and blue lie.
Form packed_rgb(const std::string& name, std::uint32_t fourcc, int pixel_bytes, std::array<std::size_t, 3> at) {
  return {name, fourcc, PixelKind::kRgb, pixel_bytes, 1, [pixel_bytes, at](Bytes& bytes, Size size, int stride) {
            bytes.resize(std::size_t(stride * size.height), 0xee);
            for (int y = 0; y < size.height; ++y)
              for (int x = 0; x < size.width; ++x)
                for (std::size_t c = 0; c < 3; ++c)
                  bytes[std::size_t(y * stride + x * pixel_bytes) + at[c]] = std::uint8_t(rgb(x, y)[c]);
          }};
}

/// `bits` in little-endian order, those below the eight that count are set.
Form gray(const std::string& name, std::uint32_t fourcc, int bits) {
  const int pixel_bytes = bits > 8 ? 2 : 1;
  return {name, fourcc, PixelKind::kGray, pixel_bytes, 1, [bits, pixel_bytes](Bytes& bytes, Size size, int stride) {
            bytes.resize(std::size_t(stride * size.height), 0xee);
            for (int y = 0; y < size.height; ++y)
              for (int x = 0; x < size.width; ++x) {
                const int value = (luma(x, y) << (bits - 8)) | ((1 << (bits - 8)) - 1);
                for (int i = 0; i < pixel_bytes; ++i)
                  bytes[std::size_t(y * stride + x * pixel_bytes + i)] = std::uint8_t(value >> (8 * i));
              }
          }};
}

std::vector<Form> forms() {
  return {
      packed_yuv("YUYV", V4L2_PIX_FMT_YUYV, {0, 1, 2, 3}),
      packed_yuv("UYVY", V4L2_PIX_FMT_UYVY, {1, 0, 3, 2}),
      packed_yuv("YVYU", V4L2_PIX_FMT_YVYU, {0, 3, 2, 1}),
      packed_yuv("VYUY", V4L2_PIX_FMT_VYUY, {1, 2, 3, 0}),
      plane_yuv("YUV420", V4L2_PIX_FMT_YUV420, {2, false, false}),
      plane_yuv("YVU420", V4L2_PIX_FMT_YVU420, {2, false, true}),
      plane_yuv("NV12", V4L2_PIX_FMT_NV12, {2, true, false}),
      plane_yuv("NV21", V4L2_PIX_FMT_NV21, {2, true, true}),
      plane_yuv("YUV422P", V4L2_PIX_FMT_YUV422P, {1, false, false}),
      plane_yuv("NV16", V4L2_PIX_FMT_NV16, {1, true, false}),
      plane_yuv("NV61", V4L2_PIX_FMT_NV61, {1, true, true}),
      packed_rgb("RGB24", V4L2_PIX_FMT_RGB24, 3, {0, 1, 2}),
      packed_rgb("BGR24", V4L2_PIX_FMT_BGR24, 3, {2, 1, 0}),
      packed_rgb("XBGR32", V4L2_PIX_FMT_XBGR32, 4, {2, 1, 0}),
      packed_rgb("ABGR32", V4L2_PIX_FMT_ABGR32, 4, {2, 1, 0}),
      packed_rgb("BGR32", V4L2_PIX_FMT_BGR32, 4, {2, 1, 0}),
      packed_rgb("XRGB32", V4L2_PIX_FMT_XRGB32, 4, {1, 2, 3}),
      packed_rgb("ARGB32", V4L2_PIX_FMT_ARGB32, 4, {1, 2, 3}),
      packed_rgb("RGB32", V4L2_PIX_FMT_RGB32, 4, {1, 2, 3}),
      packed_rgb("RGBX32", V4L2_PIX_FMT_RGBX32, 4, {0, 1, 2}),
      packed_rgb("RGBA32", V4L2_PIX_FMT_RGBA32, 4, {0, 1, 2}),
      packed_rgb("BGRX32", V4L2_PIX_FMT_BGRX32, 4, {3, 2, 1}),
      packed_rgb("BGRA32", V4L2_PIX_FMT_BGRA32, 4, {3, 2, 1}),
      gray("GREY", V4L2_PIX_FMT_GREY, 8),
      gray("Y10", V4L2_PIX_FMT_Y10, 10),
      gray("Y12", V4L2_PIX_FMT_Y12, 12),
      gray("Y16", V4L2_PIX_FMT_Y16, 16),
  };
}

Numbers wanted(PixelKind kind, int x, int y) {
  if (kind == PixelKind::kYuv)
    return {double(luma(x, y)), double(chroma_u(x / 2, y / 2)), double(chroma_v(x / 2, y / 2))};
  if (kind == PixelKind::kGray) return {double(luma(x, y)), 128, 128};
  std::array<double, 3> mean{};
  for (const auto& pixel : {rgb(x & ~1, y & ~1), rgb(x | 1, y & ~1), rgb(x & ~1, y | 1), rgb(x | 1, y | 1)})
    for (std::size_t c = 0; c < 3; ++c) mean[c] += pixel[c] / 4.0;
  const auto [r, g, b] = rgb(x, y);
  const Numbers chroma = of_rgb(mean[0], mean[1], mean[2]);
  return {of_rgb(r, g, b).y, chroma.u, chroma.v};
}

struct Shape {
  std::string name;
  Size size;
  int padding;
  friend std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.name; }
};

class Convert : public testing::TestWithParam<std::tuple<Form, Shape>> {
 protected:
  Convert()
      : form_(std::get<0>(GetParam())),
        shape_(std::get<1>(GetParam())),
        stride_(form_.row_bytes(shape_.size.width) + shape_.padding),
        jpeg_(JpegDecoder::create().value()),
        frame_(pool_.acquire(round_to_even(shape_.size)).value()) {
    form_.fill(whole_, shape_.size, stride_);
  }

  [[nodiscard]] Result<void> convert(const Bytes& bytes, int bytes_per_line) {
    // A copy of exactly that length lets the sanitizer see a read past its end.
    const Bytes exact(bytes);
    return convert_picture(*find_camera_format(form_.fourcc), {exact, shape_.size, bytes_per_line}, jpeg_, frame_);
  }

  void expect_test_picture() const {
    for (int y = 0; y < frame_.size().height; ++y)
      for (int x = 0; x < frame_.size().width; ++x) {
        const Numbers want = wanted(form_.kind, x, y);
        ASSERT_NEAR(frame_.y().row(y)[x], want.y, 2) << x << "," << y;
        ASSERT_NEAR(frame_.u().row(y / 2)[x / 2], want.u, 2) << x << "," << y;
        ASSERT_NEAR(frame_.v().row(y / 2)[x / 2], want.v, 2) << x << "," << y;
      }
  }

  Form form_;
  Shape shape_;
  int stride_;
  Bytes whole_;
  JpegDecoder jpeg_;
  FramePool pool_;
  MutableFrame frame_;
};

TEST_P(Convert, GivesTheRightPlanes) {
  ASSERT_TRUE(convert(whole_, stride_));
  expect_test_picture();
}

TEST_P(Convert, NeedsNoPaddingAfterTheLastRow) {
  whole_.resize(whole_.size() - std::size_t(shape_.padding / form_.last_plane_share));
  ASSERT_TRUE(convert(whole_, stride_));
  expect_test_picture();
}

TEST_P(Convert, TakesMissingBytesPerLineAsNoPadding) {
  if (shape_.padding != 0) return;
  ASSERT_TRUE(convert(whole_, 0));
  expect_test_picture();
}

TEST_P(Convert, RefusesAShortBuffer) {
  for (const std::size_t kept :
       {std::size_t{0}, std::size_t{1}, whole_.size() / 2, whole_.size() - std::size_t(shape_.padding) - 1}) {
    const auto converted = convert(Bytes(whole_.begin(), whole_.begin() + std::ptrdiff_t(kept)), stride_);
    ASSERT_FALSE(converted) << kept << " of " << whole_.size();
    EXPECT_EQ(converted.error().code, ErrorCode::kBadData);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Convert,
                         testing::Combine(testing::ValuesIn(forms()),
                                          testing::Values(Shape{"Even", {34, 22}, 0}, Shape{"Padded", {34, 22}, 28},
                                                          Shape{"Odd", {35, 23}, 0}, Shape{"OddPadded", {35, 23}, 28},
                                                          Shape{"Wide", {322, 6}, 0}, Shape{"Least", {2, 2}, 0})),
                         [](const auto& tested) {
                           return std::get<0>(tested.param).name + std::get<1>(tested.param).name;
                         });

TEST(Convert, IsTestedForEveryRawFormat) {
  std::set<std::uint32_t> tested;
  for (const Form& form : forms()) tested.insert(form.fourcc);
  for (const CameraFormat& format : camera_formats()) {
    if (format.kind == PixelKind::kJpeg) continue;
    EXPECT_TRUE(tested.contains(format.fourcc)) << format.name;
  }
}

}  // namespace
}  // namespace viba
