#include <algorithm>
#include <array>

#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <linux/videodev2.h>

#include "media/camera_formats.h"
#include "media/jpeg_decoder.h"

namespace viba {
namespace {

using Bytes = std::size_t;
using Source = const std::uint8_t*;
using Target = std::uint8_t*;

/// libyuv's conversions of one plane and of two to I420.
using FromOnePlane = int(Source, int, Target, int, Target, int, Target, int, int, int);
using FromTwoPlanes = int(Source, int, Source, int, Target, int, Target, int, Target, int, int, int);

/// Formats that have V where their better known sibling has U.
enum class Chroma { kUv, kVu };

constexpr int half(int n) { return (n + 1) / 2; }

/// Rows of `stride` bytes, the last of them without its padding.
Bytes rows(int count, int stride, int last) { return Bytes(stride) * Bytes(count - 1) + Bytes(last); }

template <int kBytes, int kPixels>
Bytes packed_bytes(Size size, int stride) {
  return rows(size.height, stride, kBytes * ((size.width + kPixels - 1) / kPixels));
}

/// kRowsEach: rows of luma for one of chroma.
template <int kRowsEach>
int chroma_rows(Size size) {
  return (size.height + kRowsEach - 1) / kRowsEach;
}

template <int kRowsEach>
Bytes semiplanar_bytes(Size size, int stride) {
  return Bytes(stride) * Bytes(size.height) + rows(chroma_rows<kRowsEach>(size), stride, 2 * half(size.width));
}

template <int kRowsEach>
Bytes planar_bytes(Size size, int stride) {
  const int count = chroma_rows<kRowsEach>(size);
  return Bytes(stride) * Bytes(size.height) + Bytes(half(stride)) * Bytes(count) +
         rows(count, half(stride), half(size.width));
}

/// A JPEG says itself whether it is whole.
Bytes jpeg_bytes(Size, int) { return 1; }

struct ChromaPlanes {
  Plane u, v;
};
template <Chroma kOrder>
ChromaPlanes chroma_of(const MutableFrame& frame) {
  if constexpr (kOrder == Chroma::kUv)
    return {frame.u(), frame.v()};
  else
    return {frame.v(), frame.u()};
}

template <FromOnePlane kConvert, Chroma kOrder = Chroma::kUv>
Result<void> from_packed(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  const auto [u, v] = chroma_of<kOrder>(frame);
  kConvert(picture.bytes.data(), picture.bytes_per_line, frame.y().data, frame.y().stride, u.data, u.stride, v.data,
           v.stride, frame.size().width, frame.size().height);
  return {};
}

Source after_luma(const CameraPicture& picture) {
  return picture.bytes.data() + Bytes(picture.bytes_per_line) * Bytes(picture.size.height);
}

template <FromTwoPlanes kConvert>
Result<void> from_semiplanar(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  kConvert(picture.bytes.data(), picture.bytes_per_line, after_luma(picture), picture.bytes_per_line, frame.y().data,
           frame.y().stride, frame.u().data, frame.u().stride, frame.v().data, frame.v().stride, frame.size().width,
           frame.size().height);
  return {};
}

void copy_luma(const CameraPicture& picture, const MutableFrame& frame) {
  libyuv::CopyPlane(picture.bytes.data(), picture.bytes_per_line, frame.y().data, frame.y().stride, frame.size().width,
                    frame.size().height);
}

/// libyuv has none for NV16: the mean of two rows of chroma, as it takes it from other formats.
template <Chroma kOrder>
Result<void> from_nv16(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  const int stride = picture.bytes_per_line;
  copy_luma(picture, frame);
  const auto [u, v] = chroma_of<kOrder>(frame);
  for (int y = 0; y < u.size.height; ++y) {
    Source upper = after_luma(picture) + Bytes(stride) * Bytes(2 * y);
    Source lower = upper + stride;
    Target first = u.row(y);
    Target second = v.row(y);
    for (int x = 0; x < u.size.width; ++x) {
      first[x] = std::uint8_t((upper[2 * x] + lower[2 * x] + 1) / 2);
      second[x] = std::uint8_t((upper[2 * x + 1] + lower[2 * x + 1] + 1) / 2);
    }
  }
  return {};
}

template <Chroma kOrder>
Result<void> from_yuv420(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  const int stride = half(picture.bytes_per_line);
  Source first = after_luma(picture);
  Source second = first + Bytes(stride) * Bytes(chroma_rows<2>(picture.size));
  const auto [u, v] = chroma_of<kOrder>(frame);
  libyuv::I420Copy(picture.bytes.data(), picture.bytes_per_line, first, stride, second, stride, frame.y().data,
                   frame.y().stride, u.data, u.stride, v.data, v.stride, frame.size().width, frame.size().height);
  return {};
}

/// libyuv takes the upper row of two instead of their mean when pictures are tiny, so it is asked for the mean.
Result<void> from_yuv422p(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  constexpr int kEvenly = 128;
  const int stride = half(picture.bytes_per_line);
  Source plane = after_luma(picture);
  copy_luma(picture, frame);
  for (const Plane chroma : {frame.u(), frame.v()}) {
    libyuv::InterpolatePlane(plane, 2 * stride, plane + stride, 2 * stride, chroma.data, chroma.stride,
                             chroma.size.width, chroma.size.height, kEvenly);
    plane += Bytes(stride) * Bytes(picture.size.height);
  }
  return {};
}

/// Infrared cameras: 16-bit little-endian numbers of which the lower kBits count.
template <int kBits>
Result<void> from_deep_gray(const CameraPicture& picture, JpegDecoder&, const MutableFrame& frame) {
  for (int y = 0; y < frame.size().height; ++y) {
    Source from = picture.bytes.data() + Bytes(picture.bytes_per_line) * Bytes(y);
    Target to = frame.y().row(y);
    for (int x = 0; x < frame.size().width; ++x)
      to[x] = std::uint8_t(std::min(255, (from[2 * x] | from[2 * x + 1] << 8) >> (kBits - 8)));
  }
  for (const Plane chroma : {frame.u(), frame.v()})
    libyuv::SetPlane(chroma.data, chroma.stride, chroma.size.width, chroma.size.height, 128);
  return {};
}

Result<void> from_jpeg(const CameraPicture& picture, JpegDecoder& jpeg, const MutableFrame& frame) {
  return jpeg.decode(picture.bytes, frame);
}

template <int kRowsEach>
constexpr CameraFormat semiplanar(std::uint32_t fourcc, std::string_view name, decltype(CameraFormat::convert) from) {
  return {fourcc, name, PixelKind::kYuv, 2, 2, semiplanar_bytes<kRowsEach>, from};
}
template <int kRowsEach>
constexpr CameraFormat planar(std::uint32_t fourcc, std::string_view name, decltype(CameraFormat::convert) from) {
  return {fourcc, name, PixelKind::kYuv, 2, 2, planar_bytes<kRowsEach>, from};
}
template <FromOnePlane kConvert, Chroma kOrder = Chroma::kUv>
constexpr CameraFormat packed_yuv(std::uint32_t fourcc, std::string_view name) {
  return {fourcc, name, PixelKind::kYuv, 4, 2, packed_bytes<4, 2>, from_packed<kConvert, kOrder>};
}
/// libyuv names RGB formats by the lower byte last, V4L2 by the bytes as they lie.
template <int kBytes, FromOnePlane kConvert>
constexpr CameraFormat packed_rgb(std::uint32_t fourcc, std::string_view name) {
  return {fourcc, name, PixelKind::kRgb, kBytes, 1, packed_bytes<kBytes, 1>, from_packed<kConvert>};
}
constexpr CameraFormat gray(std::uint32_t fourcc, std::string_view name, decltype(CameraFormat::convert) from) {
  return {fourcc, name, PixelKind::kGray, 2, 1, packed_bytes<2, 1>, from};
}
constexpr CameraFormat jpeg(std::uint32_t fourcc, std::string_view name) {
  return {fourcc, name, PixelKind::kJpeg, 0, 1, jpeg_bytes, from_jpeg};
}

constexpr std::array kFormats{
    planar<2>(V4L2_PIX_FMT_YUV420, "YUV420", from_yuv420<Chroma::kUv>),
    planar<2>(V4L2_PIX_FMT_YVU420, "YVU420", from_yuv420<Chroma::kVu>),
    semiplanar<2>(V4L2_PIX_FMT_NV12, "NV12", from_semiplanar<libyuv::NV12ToI420>),
    semiplanar<2>(V4L2_PIX_FMT_NV21, "NV21", from_semiplanar<libyuv::NV21ToI420>),
    packed_yuv<libyuv::YUY2ToI420>(V4L2_PIX_FMT_YUYV, "YUYV"),
    packed_yuv<libyuv::UYVYToI420>(V4L2_PIX_FMT_UYVY, "UYVY"),
    packed_yuv<libyuv::YUY2ToI420, Chroma::kVu>(V4L2_PIX_FMT_YVYU, "YVYU"),
    packed_yuv<libyuv::UYVYToI420, Chroma::kVu>(V4L2_PIX_FMT_VYUY, "VYUY"),
    planar<1>(V4L2_PIX_FMT_YUV422P, "YUV422P", from_yuv422p),
    semiplanar<1>(V4L2_PIX_FMT_NV16, "NV16", from_nv16<Chroma::kUv>),
    semiplanar<1>(V4L2_PIX_FMT_NV61, "NV61", from_nv16<Chroma::kVu>),
    packed_rgb<4, libyuv::ARGBToI420>(V4L2_PIX_FMT_XBGR32, "XBGR32"),
    packed_rgb<4, libyuv::ARGBToI420>(V4L2_PIX_FMT_ABGR32, "ABGR32"),
    packed_rgb<4, libyuv::ARGBToI420>(V4L2_PIX_FMT_BGR32, "BGR32"),
    packed_rgb<4, libyuv::BGRAToI420>(V4L2_PIX_FMT_XRGB32, "XRGB32"),
    packed_rgb<4, libyuv::BGRAToI420>(V4L2_PIX_FMT_ARGB32, "ARGB32"),
    packed_rgb<4, libyuv::BGRAToI420>(V4L2_PIX_FMT_RGB32, "RGB32"),
    packed_rgb<4, libyuv::ABGRToI420>(V4L2_PIX_FMT_RGBX32, "RGBX32"),
    packed_rgb<4, libyuv::ABGRToI420>(V4L2_PIX_FMT_RGBA32, "RGBA32"),
    packed_rgb<4, libyuv::RGBAToI420>(V4L2_PIX_FMT_BGRX32, "BGRX32"),
    packed_rgb<4, libyuv::RGBAToI420>(V4L2_PIX_FMT_BGRA32, "BGRA32"),
    packed_rgb<3, libyuv::RGB24ToI420>(V4L2_PIX_FMT_BGR24, "BGR24"),
    packed_rgb<3, libyuv::RAWToI420>(V4L2_PIX_FMT_RGB24, "RGB24"),
    jpeg(V4L2_PIX_FMT_MJPEG, "MJPEG"),
    jpeg(V4L2_PIX_FMT_JPEG, "JPEG"),
    CameraFormat{V4L2_PIX_FMT_GREY, "GREY", PixelKind::kGray, 1, 1, packed_bytes<1, 1>,
                 from_packed<libyuv::I400ToI420>},
    gray(V4L2_PIX_FMT_Y16, "Y16", from_deep_gray<16>),
    gray(V4L2_PIX_FMT_Y12, "Y12", from_deep_gray<12>),
    gray(V4L2_PIX_FMT_Y10, "Y10", from_deep_gray<10>),
};

}  // namespace

std::span<const CameraFormat> camera_formats() { return kFormats; }

const CameraFormat* find_camera_format(std::uint32_t fourcc) {
  const auto* found = std::ranges::find(kFormats, fourcc, &CameraFormat::fourcc);
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace viba
