#include "capture/v4l2_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "capture/camera_pictures.h"
#include "capture/v4l2_modes.h"
#include "capture/v4l2_stream.h"
#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

enum class Wait { kPicture, kStop, kSilence };

class V4l2Source final : public Source {
 public:
  V4l2Source(Fd fd, Fd wake, std::string path, std::string name, const CameraSetup& setup, CameraPictures pictures)
      : fd_(std::move(fd)),
        wake_(std::move(wake)),
        path_(std::move(path)),
        name_(std::move(name)),
        setup_(setup),
        pictures_(std::move(pictures)) {}

  [[nodiscard]] Result<void> start();

  [[nodiscard]] SourceInfo info() const override { return info_of(name_, setup_); }

  [[nodiscard]] Result<std::optional<Frame>> read(std::stop_token stop) override;
  [[nodiscard]] std::uint64_t skipped() const override { return pictures_.skipped(); }

 private:
  [[nodiscard]] Result<Wait> wait(const std::stop_token& stop, Clock::time_point until);
  [[nodiscard]] Result<std::optional<V4l2Stream::Filled>> take_newest();
  [[nodiscard]] tl::unexpected<Error> lost(int error) const {
    // A device that is torn away in the middle of a call fails in many ways; all of them mean this.
    return tl::unexpected(camera_error(name_, path_, error == EIO ? ENODEV : error));
  }

  Fd fd_;
  Fd wake_;  ///< an event that ends the wait when a stop is asked for
  std::string path_;
  std::string name_;
  CameraSetup setup_;
  CameraPictures pictures_;
  std::optional<V4l2Stream> stream_;  ///< after fd_, so that it ends first
};

Result<void> V4l2Source::start() {
  auto stream = V4l2Stream::start(fd_);
  if (!stream) return tl::unexpected(camera_error(name_, path_, stream.error()));
  stream_.emplace(std::move(*stream));
  return {};
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
      pictures_.skip("The camera says that it is damaged.");
    else
      std::swap(unwanted, newest);
    if (!unwanted) continue;
    if (const auto given = stream_->give_back(unwanted->index); !given) return lost(given.error());
  }
}

Result<std::optional<Frame>> V4l2Source::read(std::stop_token stop) {
  const std::stop_callback wake(stop, [this] { (void)eventfd_write(wake_.get(), 1); });
  const auto until = pictures_.deadline(setup_.frames_per_second);
  const auto skipped_before = skipped();
  for (;;) {
    const auto waited = wait(stop, until);
    if (!waited) return tl::unexpected(waited.error());
    if (*waited == Wait::kStop) return std::optional<Frame>{};
    if (*waited == Wait::kSilence) return tl::unexpected(pictures_.silence(skipped() > skipped_before));
    const auto newest = take_newest();
    if (!newest) return tl::unexpected(newest.error());
    if (!*newest) continue;
    auto frame = pictures_.to_frame((*newest)->bytes, setup_);
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
  auto pictures = CameraPictures::create(name, log);
  if (!pictures) return tl::unexpected(pictures.error());
  Fd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (wake.get() < 0) return tl::unexpected(camera_error(name, device, errno));
  auto source = std::make_unique<V4l2Source>(std::move(fd), std::move(wake), device, name, setup, std::move(*pictures));
  if (const auto started = source->start(); !started) return tl::unexpected(started.error());
  log_setup(log, card, setup, request);
  return source;
}

}  // namespace viba
