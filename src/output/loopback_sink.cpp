#include "output/loopback_sink.h"

#include <cerrno>
#include <chrono>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "media/scale.h"
#include "media/v4l2_ioctl.h"
#include "output/loopback_device.h"
#include "output/loopback_watch.h"

namespace viba {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenTries{500};

/// What the device was asked for, to ask again.
struct Wish {
  std::string path;
  Size size;
  double frames_per_second = 0;
};

class LoopbackSink final : public Sink {
 public:
  LoopbackSink(LoopbackDevice device, Wish wish, Log log)
      : wish_(std::move(wish)), log_(std::move(log)), name_(device.name), device_(std::move(device)) {}

  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] bool live() const override { return true; }
  [[nodiscard]] Result<void> write(const SafeFrame& frame) override;
  void watch(const std::function<void(bool)>& tell) override { watch_.emplace(device_->fd, wish_.path, tell, log_); }

 private:
  [[nodiscard]] Result<void> pack(const Frame& frame);
  [[nodiscard]] Result<void> send();
  [[nodiscard]] bool is_back();
  void lose(const Error& why);
  void say_once(const std::string& text);

  Wish wish_;
  Log log_;
  std::string name_;
  std::optional<LoopbackDevice> device_;  ///< nothing while it is away
  Clock::time_point next_try_;
  std::string said_;  ///< of the present absence
  bool took_one_ = false;
  FramePool pool_;
  std::vector<std::uint8_t> packed_;
  std::optional<LoopbackWatch> watch_;
};

Result<void> LoopbackSink::pack(const Frame& frame) {
  packed_.resize(device_->format->bytes(device_->size));
  if (frame.size() == device_->size) {
    device_->format->pack(frame, packed_.data());
    return {};
  }
  auto fitting = pool_.acquire(device_->size);
  if (!fitting) return tl::unexpected(fitting.error());
  scale(frame, *fitting, Fit::kContain);
  device_->format->pack(std::move(*fitting).freeze(frame.info()), packed_.data());
  return {};
}

Result<void> LoopbackSink::send() {
  // The module takes each write as one picture, so what is cut short cannot be continued.
  constexpr int kPatience = 50;  // milliseconds, then the picture is dropped: the next one is newer
  const int fd = device_->fd->get();
  for (;;) {
    const ssize_t written = ::write(fd, packed_.data(), packed_.size());
    if (written == ssize_t(packed_.size())) return {};
    if (written >= 0)
      return fail(ErrorCode::kIo,
                  fmt::format("{} took only a part of a picture: something else changed its format.", name_));
    if (errno == EINTR) continue;
    if (errno == EBUSY) return tl::unexpected(busy_error(name_, wish_.path));
    if (errno != EAGAIN)
      return fail(ErrorCode::kIo, fmt::format("{} takes no more pictures ({}): load its module anew with "
                                              "`sudo modprobe -r v4l2loopback && {}`.",
                                              name_, reason(errno), kLoadLoopback));
    pollfd room{fd, POLLOUT, 0};
    if (poll(&room, 1, kPatience) <= 0) return {};
  }
}

void LoopbackSink::say_once(const std::string& text) {
  if (said_ == text) return;
  said_ = text;
  log_.warning(text);
}

void LoopbackSink::lose(const Error& why) {
  if (watch_) watch_->follow(nullptr);
  device_.reset();
  next_try_ = Clock::now() + kBetweenTries;
  log_.warning(fmt::format("{} ViBa goes on, and opens it as soon as that works.", why.message));
}

bool LoopbackSink::is_back() {
  if (device_) return true;
  if (Clock::now() < next_try_) return false;
  next_try_ = Clock::now() + kBetweenTries;
  auto device = open_loopback_device(wish_.path, wish_.size, wish_.frames_per_second, log_);
  if (!device) {
    say_once(device.error().message);
    return false;
  }
  said_.clear();
  device_ = std::move(*device);
  log_.info(fmt::format("{} is back.", device_->name));
  if (watch_) watch_->follow(device_->fd);
  return true;
}

Result<void> LoopbackSink::write(const SafeFrame& frame) {
  if (!is_back()) return {};
  if (auto packed = pack(frame.frame()); !packed) return packed;
  auto sent = send();
  if (sent)
    took_one_ = true;
  else if (took_one_)
    lose(sent.error());
  else
    return sent;  // it never worked, which is for the user to know at once
  return {};
}

}  // namespace

Result<std::unique_ptr<Sink>> open_loopback_sink(const std::string& device, Size size, double frames_per_second,
                                                 const Log& log) {
  return open_loopback_device(device, size, frames_per_second, log).map([&](LoopbackDevice&& open) {
    return std::unique_ptr<Sink>(
        std::make_unique<LoopbackSink>(std::move(open), Wish{device, size, frames_per_second}, log));
  });
}

}  // namespace viba
