#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <viba/log.h>
#include <viba/safe_frame.h>

/// What tests of live sinks need.
namespace viba::test {

/// The tests' own door to safe frames: what they show comes from no camera.
class Vouch : SafeFrameMaker {
 public:
  static SafeFrame safe(Frame frame) { return vouch_for(std::move(frame)); }
};

/// Collects what the library says.
class LogLines {
 public:
  [[nodiscard]] Log log() {
    return Log(
        [this](LogLevel, std::string_view text) {
          const std::scoped_lock lock(mutex_);
          lines_.emplace_back(text);
        },
        LogLevel::kDebug);
  }
  [[nodiscard]] std::vector<std::string> lines() {
    const std::scoped_lock lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// What a sink told of those who look on.
class Told {
 public:
  [[nodiscard]] auto listener() {
    return [this](bool watched) {
      const std::scoped_lock lock(mutex_);
      words_.emplace_back(watched, std::chrono::steady_clock::now());
      came_.notify_all();
    };
  }
  [[nodiscard]] std::vector<bool> words() {
    const std::scoped_lock lock(mutex_);
    std::vector<bool> words;
    for (const auto& [watched, when] : words_) words.push_back(watched);
    return words;
  }
  /// When the word number `n` came, waiting for it.
  std::optional<std::chrono::steady_clock::time_point> when(std::size_t n) {
    std::unique_lock lock(mutex_);
    if (!came_.wait_for(lock, std::chrono::seconds(20), [&] { return words_.size() > n; })) return {};
    return words_[n].second;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<std::pair<bool, std::chrono::steady_clock::time_point>> words_;
};

}  // namespace viba::test
