#include "media/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include <fmt/format.h>

#include "base/file_error.h"

namespace viba {
namespace {

constexpr int kBufferBytes = 64 * 1024;

Result<std::int64_t> size_of_regular_file(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return tl::unexpected(cannot_read(path, errno));
  if (S_ISDIR(status.st_mode))
    return fail(ErrorCode::kUnsupported, fmt::format("{} is a folder; name a picture or video file in it.", path));
  if (!S_ISREG(status.st_mode))
    return fail(ErrorCode::kUnsupported, fmt::format("{} is not a regular file; name a picture or video file.", path));
  if (status.st_size == 0)
    return fail(ErrorCode::kBadData, fmt::format("{} is empty (0 bytes); choose another file or copy it anew.", path));
  return status.st_size;
}

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::open(const std::string& path) {
  // Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return tl::unexpected(cannot_read(path, errno));
  const auto size = size_of_regular_file(fd, path);
  if (!size) {
    ::close(fd);
    return tl::unexpected(size.error());
  }
  return std::unique_ptr<InputFile>(new InputFile(fd, *size));
}

InputFile::InputFile(int fd, std::int64_t size) : fd_(fd), size_(size) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
  io_ =
      buffer ? avio_alloc_context(buffer, kBufferBytes, 0, this, &InputFile::read, nullptr, &InputFile::seek) : nullptr;
  if (io_) return;
  av_free(buffer);
  ::close(fd_);
  throw std::bad_alloc();
}

InputFile::~InputFile() {
  av_freep(&io_->buffer);  // not the one given at first, if FFmpeg has resized it
  avio_context_free(&io_);
  ::close(fd_);
}

std::size_t InputFile::read_at(std::int64_t offset, std::span<std::uint8_t> into) const {
  const ssize_t got = ::pread(fd_, into.data(), into.size(), offset);
  return got < 0 ? 0 : static_cast<std::size_t>(got);
}

int InputFile::read(void* self, std::uint8_t* into, int size) {
  auto& file = *static_cast<InputFile*>(self);
  const ssize_t got = ::pread(file.fd_, into, static_cast<std::size_t>(size), file.at_);
  if (got < 0) return AVERROR(errno);
  if (got == 0) return AVERROR_EOF;
  file.at_ += got;
  return static_cast<int>(got);
}

std::int64_t InputFile::seek(void* self, std::int64_t offset, int whence) {
  auto& file = *static_cast<InputFile*>(self);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return file.size_;
    case SEEK_CUR: offset += file.at_; break;
    case SEEK_END: offset += file.size_; break;
    default: break;
  }
  if (offset < 0) return AVERROR(EINVAL);
  return file.at_ = offset;
}

}  // namespace viba
