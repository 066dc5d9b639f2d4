#include "output/loopback_device.h"

#include <cerrno>
#include <cmath>
#include <numeric>
#include <optional>

#include <fmt/format.h>
#include <linux/videodev2.h>

#include "media/v4l2_ioctl.h"
#include "output/loopback_openers.h"
#include "output/loopback_producer.h"

namespace viba {
namespace {

constexpr auto kCaptureOrOutput = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_VIDEO_OUTPUT;

/// An open node and what it says of itself.
struct Node {
  Fd fd;
  V4l2Capability capability;
};

Result<Node> open_node(const std::string& path) {
  auto fd = open_v4l2(path);
  if (!fd && fd.error().code == ErrorCode::kNotFound)
    return fail(ErrorCode::kNotFound,
                fmt::format("There is no fake camera {}: make one with `{}`.", path, kLoadLoopback));
  if (!fd) return tl::unexpected(fd.error());
  auto capability = query_capability(*fd, path);
  if (!capability) return tl::unexpected(capability.error());
  if (kind_of(*capability) != V4l2Kind::kLoopback)
    return fail(ErrorCode::kUnsupported, fmt::format("{} ({}) is not a fake camera: make one with `{}`.", path,
                                                     capability->card, kLoadLoopback));
  return Node{std::move(*fd), std::move(*capability)};
}

/// 0.12.7 loses the device when a program that only wrote closes it: it is neither camera nor output
/// then, and takes no format. A program that begins a stream does not do this to it, and one that
/// tries to, even in vain, and closes it makes it an output again. 0.15 wants no such beginning, and
/// what it says to it does not matter.
void begin_stream(const Fd& fd) {
  int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  (void)retrying_ioctl(fd, VIDIOC_STREAMON, &type);
}

Result<Node> open_usable_node(const std::string& path) {
  auto node = open_node(path);
  if (!node || (node->capability.flags & kCaptureOrOutput) != 0) return node;
  begin_stream(node->fd);
  node = fail(ErrorCode::kInternal, "");  // closed before it is opened again
  return open_node(path);
}

Error refused(const std::string& path, const V4l2Capability& capability, int error) {
  if (error == ENODEV)
    return {ErrorCode::kIo, fmt::format("{} was taken away: load its module with `{}`.", path, kLoadLoopback)};
  if (auto busy = fed_error(path)) return *std::move(busy);
  return {ErrorCode::kBusy, fmt::format("{} ({}) takes no pictures ({}): load its module anew with "
                                        "`sudo modprobe -r v4l2loopback && {}`.",
                                        path, capability.card, reason(error), kLoadLoopback)};
}

v4l2_format wished_format(Size size) {
  v4l2_format wish{};
  wish.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  v4l2_pix_format& pix = wish.fmt.pix;
  pix.width = unsigned(size.width);
  pix.height = unsigned(size.height);
  pix.pixelformat = preferred_output_format().fourcc;
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

/// 0.13 refuses what differs from the format that the device is held to, instead of answering with it.
bool set_format(const Fd& fd, v4l2_format& format) {
  if (retrying_ioctl(fd, VIDIOC_S_FMT, &format) == 0) return true;
  if (errno != EBUSY) return false;
  v4l2_format held{};
  held.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  if (retrying_ioctl(fd, VIDIOC_G_FMT, &held) != 0) return false;
  if (retrying_ioctl(fd, VIDIOC_S_FMT, &held) != 0) return false;
  format = held;
  return true;
}

/// By its control keep_format the device may keep a format that no program chose: 0.13 and later begin
/// with one. It is let go of for as long as ours takes, and then kept again. 0.13 lets go of one that a
/// producer left behind only when the device is closed.
bool replace_kept_format(Node& node, const std::string& path, v4l2_format& format) {
  constexpr unsigned kKeepFormat = V4L2_CID_USER_BASE | 0xf000;
  v4l2_control keep{kKeepFormat, 0};
  if (retrying_ioctl(node.fd, VIDIOC_G_CTRL, &keep) != 0 || keep.value == 0) return false;
  v4l2_control let_go{kKeepFormat, 0};
  if (retrying_ioctl(node.fd, VIDIOC_S_CTRL, &let_go) != 0) return false;
  node.fd = Fd();
  auto again = open_usable_node(path);
  if (!again) return false;
  node = std::move(*again);
  const bool replaced = set_format(node.fd, format);
  (void)retrying_ioctl(node.fd, VIDIOC_S_CTRL, &keep);
  return replaced;
}

/// Who or what keeps a device in a format.
std::string keeper(const std::string& path) {
  return holder_of(path).value_or("another program or its control keep_format");
}

/// The format that the device really has after it was asked.
struct Agreed {
  const OutputFormat* format = nullptr;
  Size size;
};

/// Nothing for a format that we do not write.
std::optional<Agreed> usable(const v4l2_pix_format& pix) {
  const Agreed agreed{find_output_format(pix.pixelformat), {int(pix.width), int(pix.height)}};
  if (!agreed.format || round_to_even(agreed.size) != agreed.size || agreed.size.width <= 0) return {};
  return agreed;
}

bool is_held_by_nobody(const std::string& path) {
  const auto openers = openers_of(path);
  return openers && !may_read(*openers);
}

/// In the place of a kept format that nobody has a use for.
std::optional<Agreed> replace_kept(Node& node, const std::string& path, Size size, const Log& log) {
  v4l2_format wish = wished_format(size);
  if (!is_held_by_nobody(path) || !replace_kept_format(node, path, wish)) return {};
  const auto agreed = usable(wish.fmt.pix);
  if (agreed)
    log.info(
        fmt::format("The control keep_format of {} kept a format that ViBa does not write, and no program has it "
                    "open: it keeps {}x{} in {} from now on.",
                    path, agreed->size.width, agreed->size.height, fourcc_name(wish.fmt.pix.pixelformat)));
  return agreed;
}

Result<Agreed> agree(Node& node, const std::string& path, Size size, const Log& log) {
  v4l2_format format = wished_format(size);
  const int error = set_format(node.fd, format) ? 0 : errno;
  if (const auto agreed = usable(format.fmt.pix); agreed && error == 0) return *agreed;
  if (const auto agreed = replace_kept(node, path, size, log)) return *agreed;
  if (error != 0) return tl::unexpected(refused(path, node.capability, error));
  const v4l2_pix_format& pix = format.fmt.pix;
  return fail(ErrorCode::kBusy,
              fmt::format("{} is held at {}x{} in {} by {}, which ViBa does not write: close that program first, or "
                          "run `v4l2-ctl -d {} -c keep_format=0`.",
                          path, pix.width, pix.height, fourcc_name(pix.pixelformat), keeper(path), path));
}

void set_rate(const Fd& fd, double frames_per_second) {
  if (frames_per_second <= 0) return;
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  const auto per_1000_s = unsigned(std::lround(1000 * frames_per_second));
  const unsigned common = std::gcd(1000U, per_1000_s);
  parameters.parm.output.timeperframe = {1000 / common, per_1000_s / common};
  (void)retrying_ioctl(fd, VIDIOC_S_PARM, &parameters);  // only what readers are told; pictures go at their own pace
}

void say_what_differs(const LoopbackDevice& device, const std::string& path, Size size, const Log& log) {
  if (device.size == size) return;
  log.info(fmt::format("{} is held at {}x{} by {}: the picture is scaled from {}x{} to fit.", path, device.size.width,
                       device.size.height, keeper(path), size.width, size.height));
}

}  // namespace

Result<LoopbackDevice> open_loopback_device(const std::string& path, Size size, double frames_per_second,
                                            const Log& log) {
  auto node = open_usable_node(path);
  if (!node) return tl::unexpected(node.error());
  if (is_fed_by_another(node->fd, node->capability, path))
    return tl::unexpected(fed_error(path).value_or(busy_error(path, path)));
  const auto agreed = agree(*node, path, size, log);
  if (!agreed) return tl::unexpected(agreed.error());
  set_rate(node->fd, frames_per_second);
  begin_stream(node->fd);
  LoopbackDevice device{std::make_shared<const Fd>(std::move(node->fd)),
                        fmt::format("{} ({})", path, node->capability.card), agreed->format, agreed->size};
  say_what_differs(device, path, size, log);
  return device;
}

}  // namespace viba
