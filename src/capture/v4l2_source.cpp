#include "capture/v4l2_source.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "capture/v4l2_modes.h"
#include "capture/v4l2_stream.h"
#include "media/jpeg_decoder.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// A camera gives nothing for this long only when something is wrong with it.
constexpr milliseconds kLongestSilence{2000};
/// Many webcams take seconds to wake up and to find their exposure before their first picture.
constexpr milliseconds kLongestStart{5000};

SourceInfo info_of(const std::string& name, const CameraSetup& setup) {
  return {name, round_to_even(setup.size), setup.frames_per_second, true};
}

enum class Wait { kPicture, kStop, kSilence };

class V4l2Source final : public Source {
 public:
  V4l2Source(Fd fd, Fd wake, std::string path, std::string name, const CameraSetup& setup, JpegDecoder jpeg, Log log)
      : fd_(std::move(fd)),
        wake_(std::move(wake)),
        path_(std::move(path)),
        name_(std::move(name)),
        setup_(setup),
        jpeg_(std::move(jpeg)),
        log_(std::move(log)) {}

  [[nodiscard]] Result<void> start();

  [[nodiscard]] SourceInfo info() const override { return info_of(name_, setup_); }

  [[nodiscard]] Result<std::optional<Frame>> read(std::stop_token stop) override;
  [[nodiscard]] std::uint64_t skipped() const override { return skipped_; }

 private:
  [[nodiscard]] Clock::time_point deadline() const;
  [[nodiscard]] Result<Wait> wait(const std::stop_token& stop, Clock::time_point until);
  [[nodiscard]] Result<std::optional<V4l2Stream::Filled>> take_newest();
  [[nodiscard]] Result<std::optional<Frame>> to_frame(const V4l2Stream::Filled& filled);
  void skip(std::string_view why);
  [[nodiscard]] tl::unexpected<Error> silent(bool damaged) const {
    return fail(ErrorCode::kIo, damaged
                                    ? fmt::format("{} gives only damaged pictures: try another cable or socket.", name_)
                                    : fmt::format("{} gives no pictures: unplug it and plug it in again.", name_));
  }
  [[nodiscard]] tl::unexpected<Error> lost(int error) const {
    // A device that is torn away in the middle of a call fails in many ways; all of them mean this.
    return tl::unexpected(camera_error(name_, path_, error == EIO ? ENODEV : error));
  }

  Fd fd_;
  Fd wake_;  ///< an event that ends the wait when a stop is asked for
  std::string path_;
  std::string name_;
  CameraSetup setup_;
  JpegDecoder jpeg_;
  Log log_;
  FramePool pool_;
  std::optional<V4l2Stream> stream_;  ///< after fd_, so that it ends first
  std::uint64_t sequence_ = 0;
  std::uint64_t skipped_ = 0;
  Clock::time_point first_taken_{};
};

Result<void> V4l2Source::start() {
  auto stream = V4l2Stream::start(fd_);
  if (!stream) return tl::unexpected(camera_error(name_, path_, stream.error()));
  stream_.emplace(std::move(*stream));
  return {};
}

Clock::time_point V4l2Source::deadline() const {
  // A very slow camera is not a dead one.
  const milliseconds slow{setup_.frames_per_second > 0 ? std::int64_t(3000 / setup_.frames_per_second) : 0};
  return Clock::now() + std::max(sequence_ == 0 ? kLongestStart : kLongestSilence, slow);
}

Result<Wait> V4l2Source::wait(const std::stop_token& stop, Clock::time_point until) {
  while (!stop.stop_requested()) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    if (left <= milliseconds{0}) return Wait::kSilence;
    std::array<pollfd, 2> waited{pollfd{fd_.get(), POLLIN, 0}, pollfd{wake_.get(), POLLIN, 0}};
    if (poll(waited.data(), waited.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) return lost(errno);
    if (waited[1].revents) {
      eventfd_t count = 0;
      (void)eventfd_read(wake_.get(), &count);  // may be left over from an earlier token
      continue;
    }
    if (waited[0].revents & (POLLERR | POLLHUP | POLLNVAL)) return lost(ENODEV);
    if (waited[0].revents & POLLIN) return Wait::kPicture;
  }
  return Wait::kStop;
}

Result<std::optional<V4l2Stream::Filled>> V4l2Source::take_newest() {
  std::optional<V4l2Stream::Filled> newest;
  for (;;) {
    const auto filled = stream_->take();
    if (!filled) return lost(filled.error());
    if (!*filled) return newest;
    auto unwanted = *filled;
    if (unwanted->damaged)
      skip("The camera says that it is damaged.");
    else
      std::swap(unwanted, newest);
    if (!unwanted) continue;
    if (const auto given = stream_->give_back(unwanted->index); !given) return lost(given.error());
  }
}

Result<std::optional<Frame>> V4l2Source::to_frame(const V4l2Stream::Filled& filled) {
  const auto taken = Clock::now();
  auto frame = pool_.acquire(round_to_even(setup_.size));
  if (!frame) return tl::unexpected(frame.error());
  const auto converted =
      convert_picture(*setup_.format, {filled.bytes, setup_.size, setup_.bytes_per_line}, jpeg_, *frame);
  if (!converted) {
    skip(converted.error().message);
    return std::optional<Frame>{};
  }
  to_bt601_limited(*frame, setup_.color);
  if (sequence_ == 0) first_taken_ = taken;
  return std::move(*frame).freeze({sequence_++, taken - first_taken_, taken});
}

void V4l2Source::skip(std::string_view why) {
  // A camera with a bad cable may damage every frame: the log hears of 1, 2, 4, 8, … of them.
  if (!std::has_single_bit(++skipped_)) return;
  if (skipped_ == 1)
    log_.warning(fmt::format("{} gave a damaged picture, which is skipped, as all such will be. {}", name_, why));
  else
    log_.debug(fmt::format("{}: {} damaged pictures were skipped so far. {}", name_, skipped_, why));
}

Result<std::optional<Frame>> V4l2Source::read(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_.get(), 1); });
  const auto until = deadline();
  const auto skipped_before = skipped_;
  for (;;) {
    const auto waited = wait(stop, until);
    if (!waited) return tl::unexpected(waited.error());
    if (*waited == Wait::kStop) return std::optional<Frame>{};
    if (*waited == Wait::kSilence) return silent(skipped_ > skipped_before);
    const auto newest = take_newest();
    if (!newest) return tl::unexpected(newest.error());
    if (!*newest) continue;
    auto frame = to_frame(**newest);
    if (const auto given = stream_->give_back((*newest)->index); !given) return lost(given.error());
    if (!frame || *frame) return frame;
  }
}

Error no_camera(const std::string& path, const V4l2Capability& capability) {
  if (kind_of(capability) == V4l2Kind::kLoopback)
    return {ErrorCode::kUnsupported,
            fmt::format("{} is a fake camera (v4l2loopback) that no program feeds at the moment: choose a real camera, "
                        "or start that program first.",
                        path)};
  return {
      ErrorCode::kUnsupported,
      fmt::format("{} ({}) is not a camera: choose one of those that `viba devices` shows.", path, capability.card)};
}

/// A camera that agreed on what it will give, and has not begun yet.
struct Agreed {
  Fd fd;
  std::string card;
  std::string name;
  CameraSetup setup;
};

Result<Agreed> agree(const std::string& device, const CameraRequest& request) {
  auto fd = open_v4l2(device);
  if (!fd) return tl::unexpected(fd.error());
  const auto capability = query_capability(*fd, device);
  if (!capability) return tl::unexpected(capability.error());
  constexpr auto kNeeded = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  if ((capability->flags & kNeeded) != kNeeded) return tl::unexpected(no_camera(device, *capability));
  std::string name = fmt::format("{} ({})", capability->card, device);
  return set_up_camera(*fd, name, device, request).map([&](const CameraSetup& setup) {
    return Agreed{std::move(*fd), capability->card, std::move(name), setup};
  });
}

}  // namespace

Result<SourceInfo> ask_v4l2_camera(const std::string& device, CameraRequest request) {
  return agree(device, request).map([](const Agreed& agreed) { return info_of(agreed.name, agreed.setup); });
}

Result<std::unique_ptr<Source>> open_v4l2_source(const std::string& device, CameraRequest request, const Log& log) {
  auto agreed = agree(device, request);
  if (!agreed) return tl::unexpected(agreed.error());
  auto& [fd, card, name, setup] = *agreed;
  auto jpeg = JpegDecoder::create();
  if (!jpeg) return tl::unexpected(jpeg.error());
  Fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0) return tl::unexpected(camera_error(name, device, errno));
  auto source =
      std::make_unique<V4l2Source>(std::move(fd), std::move(wake), device, name, setup, std::move(*jpeg), log);
  if (const auto started = source->start(); !started) return tl::unexpected(started.error());
  const std::string what = describe_setup(card, setup, request);
  if (adjusted(setup, request))
    log.info(what);
  else
    log.debug(what);
  return source;
}

}  // namespace viba
