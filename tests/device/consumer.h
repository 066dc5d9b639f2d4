#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include <linux/videodev2.h>
#include <poll.h>

#include "capture/v4l2_stream.h"
#include "device/device_test.h"
#include "media/v4l2_ioctl.h"

namespace viba::device_test {

/// What may be seen in a picture before a green background when the camera sees nobody.
enum class Seen { kBackground, kPlaceholder, kRoom };

/// `yuyv` is a picture of two bytes a pixel.
inline Seen judge(std::span<const std::uint8_t> yuyv) {
  static const YuvColor green = yuv_of_rgb(0, 255, 0);
  constexpr int kTolerance = 6;
  int notice = 0;
  for (std::size_t i = 0; i + 3 < yuyv.size(); i += 4) {
    const int u = yuyv[i + 1] - green.u;
    const int v = yuyv[i + 3] - green.v;
    const bool is_green = std::abs(u) <= kTolerance && std::abs(v) <= kTolerance &&
                          std::abs(yuyv[i] - green.y) <= kTolerance && std::abs(yuyv[i + 2] - green.y) <= kTolerance;
    if (is_green) continue;
    // The notice is gray over green: both chromas are on their way to 128, equally far.
    const double along_u = double(u) / (128 - green.u);
    const double along_v = double(v) / (128 - green.v);
    if (along_u < -0.1 || along_u > 1.1 || std::abs(along_u - along_v) > 0.15) return Seen::kRoom;
    ++notice;
  }
  constexpr int kSpecks = 20;
  return notice > kSpecks ? Seen::kPlaceholder : Seen::kBackground;
}

/// Reads a loopback in this process, as a call program would, and judges each picture.
class Consumer {
 public:
  struct Counts {
    int pictures = 0, background = 0, placeholders = 0;
    int room = 0;                                                 ///< never forgotten
    std::optional<int> failed;                                    ///< the errno that ended the stream
    std::optional<std::chrono::steady_clock::time_point> hidden;  ///< when the first placeholder came
  };

  explicit Consumer(const std::string& path = kLoopback) : fd_(open_v4l2(path).value()) {
    auto stream = V4l2Stream::start(fd_);
    EXPECT_TRUE(stream) << "the loopback does not stream: " << reason(stream ? 0 : stream.error());
    if (!stream) return;
    stream_.emplace(std::move(*stream));
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }

  [[nodiscard]] Counts counts() {
    const std::scoped_lock lock(mutex_);
    return counts_;
  }

  /// Counts from here, but for what must never be.
  void begin_anew() {
    const std::scoped_lock lock(mutex_);
    counts_ = {.room = counts_.room, .failed = counts_.failed};
  }

  /// False when it does not come to that.
  bool becomes(const std::function<bool(const Counts&)>& true_of, std::chrono::milliseconds most = kPatience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, most, [&] { return true_of(counts_); });
  }

 private:
  void read(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waited{fd_.get(), POLLIN, 0};
      constexpr int kBetweenStops = 20;
      if (poll(&waited, 1, kBetweenStops) <= 0) continue;
      const auto filled = stream_->take();
      if (filled && !*filled) continue;
      const auto seen = filled ? std::optional(judge((*filled)->bytes)) : std::nullopt;
      const auto given = filled ? stream_->give_back((*filled)->index) : V4l2Stream::Outcome<void>{};
      const std::scoped_lock lock(mutex_);
      if (!filled) counts_.failed = filled.error();
      if (!given) counts_.failed = given.error();
      if (seen) count(*seen);
      changed_.notify_all();
      if (counts_.failed) return;
    }
  }

  void count(Seen seen) {
    ++counts_.pictures;
    if (seen == Seen::kPlaceholder && !counts_.hidden) counts_.hidden = std::chrono::steady_clock::now();
    ++(seen == Seen::kRoom ? counts_.room : seen == Seen::kPlaceholder ? counts_.placeholders : counts_.background);
  }

  Fd fd_;
  std::optional<V4l2Stream> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Counts counts_;
  std::jthread thread_;
};

}  // namespace viba::device_test
