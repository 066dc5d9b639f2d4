#include "output/loopback_sink.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <libyuv/convert_from.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <unistd.h>

#include "media/scale.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

/// A format that a device may take from us.
struct LoopbackFormat {
  std::uint32_t fourcc;
  std::string_view name;
  int bytes_per_pixel_pair;
  void (*convert)(const Frame& frame, std::uint8_t* out);  ///< rows without padding
};

void to_yuyv(const Frame& frame, std::uint8_t* out) {
  const auto [width, height] = frame.size();
  libyuv::I420ToYUY2(frame.y().data, frame.y().stride, frame.u().data, frame.u().stride, frame.v().data,
                     frame.v().stride, out, 2 * width, width, height);
}

void to_i420(const Frame& frame, std::uint8_t* out) {
  for (const ConstPlane plane : {frame.y(), frame.u(), frame.v()}) {
    for (int y = 0; y < plane.size.height; ++y) out = std::copy_n(plane.row(y), plane.size.width, out);
  }
}

void to_nv12(const Frame& frame, std::uint8_t* out) {
  const auto [width, height] = frame.size();
  std::uint8_t* chroma = out + std::ptrdiff_t{width} * height;
  libyuv::I420ToNV12(frame.y().data, frame.y().stride, frame.u().data, frame.u().stride, frame.v().data,
                     frame.v().stride, out, width, chroma, width, width, height);
}

/// The first is what is asked for, because every reader knows it; the others are met when a reader
/// holds the device in them.
constexpr std::array kFormats{LoopbackFormat{V4L2_PIX_FMT_YUYV, "YUYV", 4, to_yuyv},
                              LoopbackFormat{V4L2_PIX_FMT_YUV420, "YUV420", 3, to_i420},
                              LoopbackFormat{V4L2_PIX_FMT_NV12, "NV12", 3, to_nv12}};

constexpr std::string_view kLoadModule = "sudo modprobe v4l2loopback exclusive_caps=1 video_nr=20 card_label=ViBa";

/// What the device really has after it was asked.
struct Agreed {
  const LoopbackFormat* format = nullptr;
  Size size;
  [[nodiscard]] std::size_t bytes() const {
    return std::size_t(size.width) * std::size_t(size.height) * std::size_t(format->bytes_per_pixel_pair) / 2;
  }
};

class LoopbackSink final : public Sink {
 public:
  LoopbackSink(Fd fd, std::string path, std::string name, const Agreed& agreed)
      : fd_(std::move(fd)), path_(std::move(path)), name_(std::move(name)), agreed_(agreed), packed_(agreed.bytes()) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool live() const override { return true; }
  [[nodiscard]] Result<void> write(const SafeFrame& frame) override;

 private:
  [[nodiscard]] Result<void> pack(const Frame& frame);
  [[nodiscard]] Result<void> send();

  Fd fd_;
  std::string path_;
  std::string name_;
  Agreed agreed_;
  FramePool pool_;
  std::vector<std::uint8_t> packed_;
};

Result<void> LoopbackSink::pack(const Frame& frame) {
  if (frame.size() == agreed_.size) {
    agreed_.format->convert(frame, packed_.data());
    return {};
  }
  auto fitting = pool_.acquire(agreed_.size);
  if (!fitting) return tl::unexpected(fitting.error());
  scale(frame, *fitting, Fit::kContain);
  agreed_.format->convert(std::move(*fitting).freeze(frame.info()), packed_.data());
  return {};
}

Result<void> LoopbackSink::send() {
  // The module takes each write as one picture, so what is cut short cannot be continued.
  constexpr int kPatience = 50;  // milliseconds, then the picture is dropped: the next one is newer
  for (;;) {
    const ssize_t written = ::write(fd_.get(), packed_.data(), packed_.size());
    if (written == ssize_t(packed_.size())) return {};
    if (written >= 0)
      return fail(ErrorCode::kIo, fmt::format("{} took only a part of a picture: something else changed its format; "
                                              "start ViBa again.",
                                              name_));
    if (errno == EINTR) continue;
    if (errno == EBUSY) return tl::unexpected(busy_error(name_, path_));
    if (errno != EAGAIN)
      return fail(ErrorCode::kIo, fmt::format("{} takes no more pictures ({}): load its module anew with "
                                              "`sudo modprobe -r v4l2loopback && {}`.",
                                              name_, reason(errno), kLoadModule));
    pollfd room{fd_.get(), POLLOUT, 0};
    if (poll(&room, 1, kPatience) <= 0) return {};
  }
}

Result<void> LoopbackSink::write(const SafeFrame& frame) {
  return pack(frame.frame()).and_then([&] { return send(); });
}

Result<Fd> open_loopback(const std::string& device) {
  auto fd = open_v4l2(device);
  if (fd || fd.error().code != ErrorCode::kNotFound) return fd;
  return fail(ErrorCode::kNotFound,
              fmt::format("There is no fake camera {}: make one with `{}`.", device, kLoadModule));
}

/// With exclusive_caps the node shows itself as a camera exactly while something feeds it. 0.12.7
/// would let a second program feed it too, and the readers would see both in turns.
bool fed_by_another(const V4l2Capability& capability, const std::string& device) {
  constexpr auto kBoth = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OUTPUT;
  return (capability.flags & kBoth) == V4L2_CAP_VIDEO_CAPTURE && holder_of(device);
}

Error refused(const std::string& device, const V4l2Capability& capability, int error) {
  if (error == ENODEV)
    return {ErrorCode::kIo, fmt::format("{} was taken away: load its module with `{}`.", device, kLoadModule)};
  if (holder_of(device)) return busy_error(device, device);
  // 0.12.7 can be left in a state in which it takes nothing any more, whoever asks.
  return {ErrorCode::kBusy, fmt::format("{} ({}) takes no pictures ({}): load its module anew with "
                                        "`sudo modprobe -r v4l2loopback && {}`.",
                                        device, capability.card, reason(error), kLoadModule)};
}

v4l2_format wished_format(Size size) {
  v4l2_format wish{};
  wish.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  v4l2_pix_format& pix = wish.fmt.pix;
  pix.width = unsigned(size.width);
  pix.height = unsigned(size.height);
  pix.pixelformat = kFormats.front().fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = 2 * pix.width;
  pix.sizeimage = pix.bytesperline * pix.height;
  pix.colorspace = V4L2_COLORSPACE_SMPTE170M;
  // Extended fields count only with this mark.
  pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
  pix.ycbcr_enc = V4L2_YCBCR_ENC_601;
  pix.quantization = V4L2_QUANTIZATION_LIM_RANGE;
  return wish;
}

/// 0.13 refuses what differs from the format that a reader holds, instead of answering with it.
bool set_format(const Fd& fd, v4l2_format& format) {
  if (retrying_ioctl(fd, VIDIOC_S_FMT, &format) == 0) return true;
  if (errno != EBUSY) return false;
  v4l2_format held{};
  held.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  if (retrying_ioctl(fd, VIDIOC_G_FMT, &held) != 0 || retrying_ioctl(fd, VIDIOC_S_FMT, &held) != 0) return false;
  format = held;
  return true;
}

Result<Agreed> agree(const Fd& fd, const std::string& device, const V4l2Capability& capability, Size size) {
  v4l2_format format = wished_format(size);
  if (!set_format(fd, format)) return tl::unexpected(refused(device, capability, errno));
  const v4l2_pix_format& pix = format.fmt.pix;
  const auto* known = std::ranges::find(kFormats, pix.pixelformat, &LoopbackFormat::fourcc);
  const Agreed agreed{known, {static_cast<int>(pix.width), static_cast<int>(pix.height)}};
  if (known != kFormats.end() && round_to_even(agreed.size) == agreed.size && agreed.size.width > 0) return agreed;
  return fail(ErrorCode::kBusy,
              fmt::format("{} is held at {}x{} in {} by {}, which ViBa does not write: close that "
                          "program first.",
                          device, pix.width, pix.height, fourcc_name(pix.pixelformat), holder_or_other(device)));
}

void set_rate(const Fd& fd, double frames_per_second) {
  if (frames_per_second <= 0) return;
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  const auto per_1000_s = static_cast<unsigned>(std::lround(1000 * frames_per_second));
  const unsigned common = std::gcd(1000U, per_1000_s);
  parameters.parm.output.timeperframe = {1000 / common, per_1000_s / common};
  (void)retrying_ioctl(fd, VIDIOC_S_PARM, &parameters);  // only what readers are told; pictures go at their own pace
}

/// 0.12.7 loses the device for good when a program that only wrote closes it; begun like this it
/// does not. 0.15 wants no such beginning, and what it says to it does not matter.
void begin_stream(const Fd& fd) {
  int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  (void)retrying_ioctl(fd, VIDIOC_STREAMON, &type);
}

}  // namespace

Result<std::unique_ptr<Sink>> open_loopback_sink(const std::string& device, Size size, double frames_per_second,
                                                 const Log& log) {
  auto fd = open_loopback(device);
  if (!fd) return tl::unexpected(fd.error());
  const auto capability = query_capability(*fd, device);
  if (!capability) return tl::unexpected(capability.error());
  if (kind_of(*capability) != V4l2Kind::kLoopback)
    return fail(ErrorCode::kUnsupported, fmt::format("{} ({}) is not a fake camera: make one with `{}`.", device,
                                                     capability->card, kLoadModule));
  if (fed_by_another(*capability, device)) return tl::unexpected(busy_error(device, device));

  const auto agreed = agree(*fd, device, *capability, size);
  if (!agreed) return tl::unexpected(agreed.error());
  set_rate(*fd, frames_per_second);
  begin_stream(*fd);
  if (agreed->size != size)
    log.info(fmt::format("{} is held at {}x{} by {}: the picture is scaled from {}x{} to fit.", device,
                         agreed->size.width, agreed->size.height, holder_or_other(device), size.width, size.height));
  return std::make_unique<LoopbackSink>(std::move(*fd), device, fmt::format("{} ({})", device, capability->card),
                                        *agreed);
}

}  // namespace viba
