#include "media/frame_converter.h"

#include <cstdlib>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>

#include "media/scale.h"

namespace viba {
namespace {

/// The same layout under the name that says nothing of the range, which is told apart here.
int without_range(int format) {
  switch (format) {
    case AV_PIX_FMT_YUVJ420P: return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P: return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P: return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P: return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P: return AV_PIX_FMT_YUV411P;
    default: return format;
  }
}

const AVPixFmtDescriptor* descriptor(const AVFrame& frame) {
  return av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
}

bool is_gray(const AVPixFmtDescriptor& format) {
  return format.nb_components <= 2 && !(format.flags & AV_PIX_FMT_FLAG_PAL);
}

YuvRange range_of(const AVFrame& frame) {
  if (frame.color_range == AVCOL_RANGE_JPEG || without_range(frame.format) != frame.format) return YuvRange::kFull;
  if (frame.color_range == AVCOL_RANGE_MPEG) return YuvRange::kLimited;
  return is_gray(*descriptor(frame)) ? YuvRange::kFull : YuvRange::kLimited;
}

const int* coefficients(YuvMatrix matrix) {
  switch (matrix) {
    case YuvMatrix::kBt709: return sws_getCoefficients(SWS_CS_ITU709);
    case YuvMatrix::kBt2020: return sws_getCoefficients(SWS_CS_BT2020);
    case YuvMatrix::kBt601: break;
  }
  return sws_getCoefficients(SWS_CS_ITU601);
}

libyuv::RotationMode rotation_mode(int degrees) { return static_cast<libyuv::RotationMode>(degrees); }

tl::unexpected<Error> not_converted() {
  return fail(ErrorCode::kBadData, "The picture is of a kind that cannot be converted.");
}

}  // namespace

Orientation orientation_of(const std::int32_t* matrix) {
  if (!matrix) return {};
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  const bool mirrored = a * d - b * c < 0;
  if (std::abs(b) + std::abs(c) > std::abs(a) + std::abs(d)) return {b > 0 ? 90 : 270, mirrored};
  return {d < 0 ? 180 : 0, mirrored};
}

Result<MutableFrame> FrameConverter::convert(const AVFrame& from, Orientation orientation) {
  auto frame = upright(from);
  if (!frame) return frame;
  return turned(std::move(*frame), orientation);
}

Result<MutableFrame> FrameConverter::convert(const AVFrame& from, Orientation orientation, Size size, Fit fit) {
  auto whole = convert(from, orientation);
  if (!whole || whole->size() == size) return whole;
  auto scaled = pool_.acquire(size);
  if (!scaled) return scaled;
  scale(std::move(*whole).freeze({}), *scaled, fit);
  return scaled;
}

ColorSpace FrameConverter::color_of(const AVFrame& from) const {
  const YuvRange range = range_of(from);
  switch (from.colorspace) {
    case AVCOL_SPC_BT709:
    case AVCOL_SPC_SMPTE240M: return {YuvMatrix::kBt709, range};
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return {YuvMatrix::kBt2020, range};
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
    case AVCOL_SPC_FCC: return {YuvMatrix::kBt601, range};
    default: break;
  }
  const bool high_definition = from.width >= 1280 || from.height > 576;
  const bool bt709 = untagged_ == UntaggedMatrix::kBySize && high_definition;
  return {bt709 ? YuvMatrix::kBt709 : YuvMatrix::kBt601, range};
}

Result<MutableFrame> FrameConverter::upright(const AVFrame& from) {
  const AVPixFmtDescriptor* format = descriptor(from);
  if (!format || (format->flags & AV_PIX_FMT_FLAG_HWACCEL)) return not_converted();
  auto frame = pool_.acquire(round_to_even({from.width, from.height}));
  if (!frame) return frame;
  const auto [width, height] = frame->size();
  const Plane y = frame->y();
  const Plane u = frame->u();
  const Plane v = frame->v();
  Result<void> done;
  if (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) {
    done = through_rgb(from, *frame);
    if (!done) return tl::unexpected(done.error());
    return frame;
  }
  if (without_range(from.format) == AV_PIX_FMT_YUV420P) {
    libyuv::I420Copy(from.data[0], from.linesize[0], from.data[1], from.linesize[1], from.data[2], from.linesize[2],
                     y.data, y.stride, u.data, u.stride, v.data, v.stride, width, height);
  } else if (from.format == AV_PIX_FMT_NV12) {
    libyuv::NV12ToI420(from.data[0], from.linesize[0], from.data[1], from.linesize[1], y.data, y.stride, u.data,
                       u.stride, v.data, v.stride, width, height);
  } else {
    done = through_swscale(from, *frame, color_of(from));
  }
  if (!done) return tl::unexpected(done.error());
  to_bt601_limited(*frame, color_of(from));
  return frame;
}

/// Transparency can only be laid over black where colours are additive, which YUV's are not.
Result<void> FrameConverter::through_rgb(const AVFrame& from, const MutableFrame& to) {
  const auto [width, height] = to.size();
  const int stride = (width * 4 + 63) & ~63;
  rgb_.resize(std::size_t(stride) * std::size_t(height) + 64);
  SwsContext* sws = prepared({to.size(), without_range(from.format), AV_PIX_FMT_BGRA, color_of(from)});
  if (!sws) return not_converted();
  std::uint8_t* const planes[] = {rgb_.data()};
  const int strides[] = {stride};
  if (sws_scale(sws, from.data, from.linesize, 0, height, planes, strides) < 0) return not_converted();
  if (descriptor(from)->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL))
    libyuv::ARGBAttenuate(rgb_.data(), stride, rgb_.data(), stride, width, height);
  libyuv::ARGBToI420(rgb_.data(), stride, to.y().data, to.y().stride, to.u().data, to.u().stride, to.v().data,
                     to.v().stride, width, height);
  return {};
}

Result<void> FrameConverter::through_swscale(const AVFrame& from, const MutableFrame& to, ColorSpace color) {
  SwsContext* sws = prepared({to.size(), without_range(from.format), AV_PIX_FMT_YUV420P, color});
  if (!sws) return not_converted();
  std::uint8_t* const planes[] = {to.y().data, to.u().data, to.v().data};
  const int strides[] = {to.y().stride, to.u().stride, to.v().stride};
  if (sws_scale(sws, from.data, from.linesize, 0, to.size().height, planes, strides) < 0) return not_converted();
  return {};
}

/// Into YUV the numbers are to stay what they are (`to_bt601_limited` changes them afterwards), so
/// swscale is told that both sides have the same meaning. RGB is always full range.
SwsContext* FrameConverter::prepared(const Conversion& wanted) {
  if (sws_ && wanted == conversion_) return sws_.get();
  const auto [width, height] = wanted.size;
  sws_.reset(sws_getContext(width, height, static_cast<AVPixelFormat>(wanted.from), width, height,
                            static_cast<AVPixelFormat>(wanted.to), SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT,
                            nullptr, nullptr, nullptr));
  if (!sws_) return nullptr;
  conversion_ = wanted;
  const int full = wanted.color.range == YuvRange::kFull;
  const int* matrix = coefficients(wanted.color.matrix);
  constexpr int kUnchanged = 1 << 16;
  const int to_full = wanted.to == AV_PIX_FMT_BGRA ? 1 : full;
  sws_setColorspaceDetails(sws_.get(), matrix, full, matrix, to_full, 0, kUnchanged, kUnchanged);
  return sws_.get();
}

Result<MutableFrame> FrameConverter::turned(MutableFrame frame, Orientation orientation) {
  const auto apply = [&](Size size, auto&& step) -> Result<void> {
    auto target = pool_.acquire(size);
    if (!target) return tl::unexpected(target.error());
    step(frame, *target);
    frame = std::move(*target);
    return {};
  };
  const auto [width, height] = frame.size();
  if (orientation.degrees != 0) {
    const bool across = orientation.degrees != 180;
    const auto done = apply(across ? Size{height, width} : frame.size(), [&](const auto& from, const auto& to) {
      libyuv::I420Rotate(from.y().data, from.y().stride, from.u().data, from.u().stride, from.v().data, from.v().stride,
                         to.y().data, to.y().stride, to.u().data, to.u().stride, to.v().data, to.v().stride,
                         from.size().width, from.size().height, rotation_mode(orientation.degrees));
    });
    if (!done) return tl::unexpected(done.error());
  }
  if (orientation.mirrored) {
    const auto done = apply(frame.size(), [](const auto& from, const auto& to) {
      libyuv::I420Mirror(from.y().data, from.y().stride, from.u().data, from.u().stride, from.v().data, from.v().stride,
                         to.y().data, to.y().stride, to.u().data, to.u().stride, to.v().data, to.v().stride,
                         from.size().width, from.size().height);
    });
    if (!done) return tl::unexpected(done.error());
  }
  return frame;
}

}  // namespace viba
