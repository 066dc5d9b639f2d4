#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace viba {

/// One slot between two threads. Live video is never queued: `put_newest` replaces what was not
/// fetched in time. Where nothing may be lost, `put_waiting` waits for the slot instead.
/// Thread-safety: any number of threads on either side.
template <class T>
class Mailbox {
 public:
  /// Returns whether an item that nobody had taken was replaced.
  bool put_newest(T item) {
    const std::scoped_lock lock(mutex_);
    const bool replaced = item_.has_value();
    item_.emplace(std::move(item));
    changed_.notify_all();
    return replaced;
  }

  /// Returns false when a stop was asked for before there was room.
  bool put_waiting(T item, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait(lock, stop, [&] { return !item_; })) return false;
    item_.emplace(std::move(item));
    changed_.notify_all();
    return true;
  }

  /// A stop ends the waiting; nothing then, unless an item was there already.
  std::optional<T> take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return item_.has_value(); });
    return fetch();
  }

  /// The same, and the end of the time ends the waiting, too.
  template <class Rep, class Period>
  std::optional<T> take_for(const std::stop_token& stop, std::chrono::duration<Rep, Period> most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, most, [&] { return item_.has_value(); });
    return fetch();
  }

 private:
  std::optional<T> fetch() {
    std::optional<T> taken;
    taken.swap(item_);
    changed_.notify_all();
    return taken;
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<T> item_;
};

}  // namespace viba
