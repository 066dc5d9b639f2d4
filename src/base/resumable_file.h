#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <viba/result.h>

namespace viba {

/// A file that comes bit by bit into `PATH.part`, over several runs if need be, and stands under its
/// own name only when it is whole.
/// Thread-safety: none.
class ResumableFile {
 public:
  /// Takes up what an earlier run has left. Errors of all members: those of writing a file.
  [[nodiscard]] static Result<ResumableFile> open(const std::string& path);
  ResumableFile(ResumableFile&& other) noexcept;
  ResumableFile& operator=(ResumableFile&& other) noexcept;
  ~ResumableFile();

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Result<void> append(std::span<const std::uint8_t> bytes);
  [[nodiscard]] Result<void> start_over();
  /// What was there under that name is replaced. Afterwards nothing may be appended.
  [[nodiscard]] Result<void> finish();

 private:
  ResumableFile(std::string path, int fd, std::uint64_t size);
  std::string path_;
  int fd_;
  std::uint64_t size_;
};

}  // namespace viba
