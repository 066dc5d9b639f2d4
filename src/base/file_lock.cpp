#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/file_error.h"

namespace viba {
namespace {

constexpr std::chrono::milliseconds kBetweenTries{50};

/// The last owner removes the file: what was locked may be one that nobody else can find any more.
bool still_stands_at(const std::string& path, int fd) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(fd, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

/// Nothing when somebody else holds it.
Result<std::optional<int>> try_lock(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return tl::unexpected(cannot_write(path, errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
    if (still_stands_at(path, fd)) return fd;
  } else if (errno != EWOULDBLOCK && errno != EINTR) {
    const int why = errno;
    ::close(fd);
    return tl::unexpected(cannot_write(path, why));
  }
  ::close(fd);
  return std::nullopt;
}

}  // namespace

Result<FileLock> FileLock::acquire(const std::string& path, const std::function<void()>& on_wait,
                                   const std::stop_token& stop) {
  for (bool said = false; !stop.stop_requested();) {
    const auto fd = try_lock(path);
    if (!fd) return tl::unexpected(fd.error());
    if (*fd) return FileLock(path, **fd);
    if (!std::exchange(said, true) && on_wait) on_wait();
    std::this_thread::sleep_for(kBetweenTries);
  }
  return fail(ErrorCode::kClosed, fmt::format("Waiting for {} was stopped.", path));
}

FileLock::FileLock(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}

FileLock::FileLock(FileLock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  return *this;
}

FileLock::~FileLock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace viba
