#pragma once

#include <functional>
#include <string_view>
#include <utility>

#include <viba/export.h>

namespace viba {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// Where the library says things. It never prints by itself.
/// Called from any thread of the pipeline, so the callback must be thread-safe; it must not throw.
using LogCallback = std::function<void(LogLevel, std::string_view)>;

/// Thread-safety: as safe as the callback. Cheap to copy.
class VIBA_EXPORT Log {
 public:
  Log() = default;
  explicit Log(LogCallback callback, LogLevel least = LogLevel::kInfo)
      : callback_(std::move(callback)), least_(least) {}

  void write(LogLevel level, std::string_view text) const {
    if (enabled(level)) callback_(level, text);
  }
  void debug(std::string_view text) const { write(LogLevel::kDebug, text); }
  void info(std::string_view text) const { write(LogLevel::kInfo, text); }
  void warning(std::string_view text) const { write(LogLevel::kWarning, text); }
  void error(std::string_view text) const { write(LogLevel::kError, text); }

  /// Lets a caller skip making a costly message.
  [[nodiscard]] bool enabled(LogLevel level) const { return callback_ && level >= least_; }

 private:
  LogCallback callback_;
  LogLevel least_ = LogLevel::kInfo;
};

}  // namespace viba
