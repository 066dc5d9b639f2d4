#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "media/ffmpeg.h"

namespace viba {

/// A regular file, open for reading, as FFmpeg likes to read it. FFmpeg is handed this instead of a
/// name, so that no name is ever taken for a network address, a list of files or a device.
class InputFile {
 public:
  /// Errors: kNotFound, kPermission, kUnsupported (a folder or a device), kBadData (empty), kIo.
  [[nodiscard]] static Result<std::unique_ptr<InputFile>> open(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] AVIOContext* io() const { return io_; }
  /// How many bytes of `into` could be filled from `offset` on.
  [[nodiscard]] std::size_t read_at(std::int64_t offset, std::span<std::uint8_t> into) const;

 private:
  InputFile(int fd, std::int64_t size);
  static int read(void* self, std::uint8_t* into, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  int fd_;
  std::int64_t size_;
  std::int64_t at_ = 0;
  AVIOContext* io_;
};

}  // namespace viba
