#include "pipeline/audience.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

namespace viba {

using Clock = std::chrono::steady_clock;

/// Shared with what the sinks call, which may come after the audience has gone.
struct Audience::Seats {
  explicit Seats(std::chrono::milliseconds time) : patience(time) {}

  void tell(std::size_t sink, bool taken) {
    const std::scoped_lock lock(mutex);
    if (watched[sink] && !taken) left = Clock::now();
    watched[sink] = taken;
    changed.notify_all();
  }

  [[nodiscard]] bool any() const { return watched.empty() || std::ranges::find(watched, true) != watched.end(); }

  const std::chrono::milliseconds patience;
  std::mutex mutex;
  std::condition_variable_any changed;
  std::vector<bool> watched;              ///< by sink
  std::optional<Clock::time_point> left;  ///< when the last one did
};

Audience::Audience(std::chrono::milliseconds patience) : seats_(std::make_shared<Seats>(patience)) {}

void Audience::attend(std::span<const std::unique_ptr<Sink>> sinks) {
  {
    const std::scoped_lock lock(seats_->mutex);
    seats_->watched.assign(sinks.size(), false);
  }
  for (std::size_t i = 0; i < sinks.size(); ++i)
    sinks[i]->watch([seats = seats_, i](bool watched) { seats->tell(i, watched); });
}

bool Audience::present() const {
  const std::scoped_lock lock(seats_->mutex);
  return seats_->any() || (seats_->left && Clock::now() - *seats_->left < seats_->patience);
}

void Audience::wait(const std::stop_token& stop) {
  std::unique_lock lock(seats_->mutex);
  seats_->changed.wait(lock, stop, [this] { return seats_->any(); });
}

}  // namespace viba
