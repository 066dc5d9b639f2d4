#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include <viba/result.h>

namespace viba {

/// One process (or one thread) at a time holds the lock of a name. It ends with its owner, also when that is killed.
class FileLock {
 public:
  /// Makes the file `path` and locks it. While somebody else holds it: `on_wait` is called, once, and
  /// then it waits. Errors: those of writing the file, and kClosed when a stop was asked for.
  [[nodiscard]] static Result<FileLock> acquire(const std::string& path, const std::function<void()>& on_wait,
                                                const std::stop_token& stop);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  /// The file goes with the lock.
  ~FileLock();

 private:
  FileLock(std::string path, int fd);
  std::string path_;
  int fd_;
};

}  // namespace viba
