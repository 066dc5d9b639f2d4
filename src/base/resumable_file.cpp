#include "base/resumable_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/file_error.h"

namespace viba {

Result<ResumableFile> ResumableFile::open(const std::string& path) {
  const int fd = ::open((path + ".part").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) {
    const int why = errno;
    if (fd >= 0) ::close(fd);
    return tl::unexpected(cannot_write(path, why));
  }
  return ResumableFile(path, fd, static_cast<std::uint64_t>(status.st_size));
}

ResumableFile::ResumableFile(std::string path, int fd, std::uint64_t size)
    : path_(std::move(path)), fd_(fd), size_(size) {}

ResumableFile::ResumableFile(ResumableFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

ResumableFile& ResumableFile::operator=(ResumableFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(size_, other.size_);
  return *this;
}

ResumableFile::~ResumableFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> ResumableFile::append(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return tl::unexpected(cannot_write(path_, errno));
    size_ += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> ResumableFile::start_over() {
  if (::ftruncate(fd_, 0) != 0) return tl::unexpected(cannot_write(path_, errno));
  size_ = 0;
  return {};
}

Result<void> ResumableFile::finish() {
  // The name must not outlive a power cut that the bytes do not.
  if (::fsync(fd_) != 0 || std::rename((path_ + ".part").c_str(), path_.c_str()) != 0)
    return tl::unexpected(cannot_write(path_, errno));
  return {};
}

}  // namespace viba
