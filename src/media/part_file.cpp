#include "media/part_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "base/file_error.h"

namespace viba {
namespace {

/// `folder/name.mp4` → `folder/.name.part-123-0.mp4`, told apart by process and by try.
std::string part_path_of(const std::filesystem::path& path, int attempt) {
  const auto name = fmt::format(".{}.part-{}-{}{}", path.stem().string(), getpid(), attempt, path.extension().string());
  return (path.parent_path() / name).string();
}

}  // namespace

Result<PartFile> PartFile::create(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(ErrorCode::kUsage, fmt::format("{} is a folder; name a file to write.", path));
  // Only a new file will do: another writer of the same name, or a link that somebody put there, is left alone.
  constexpr int kTries = 100;
  int fd = -1;
  int attempt = -1;
  do {
    fd = ::open(part_path_of(path, ++attempt).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd < 0 && errno == EEXIST && attempt < kTries);
  if (fd < 0) return tl::unexpected(cannot_write(path, errno));
  ::close(fd);
  return PartFile(path, part_path_of(path, attempt));
}

PartFile::PartFile(std::string path, std::string part_path)
    : path_(std::move(path)), part_path_(std::move(part_path)) {}

PartFile::PartFile(PartFile&& other) noexcept
    : path_(std::move(other.path_)), part_path_(std::exchange(other.part_path_, {})) {}

PartFile& PartFile::operator=(PartFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(part_path_, other.part_path_);
  return *this;
}

PartFile::~PartFile() {
  if (!part_path_.empty()) ::unlink(part_path_.c_str());
}

Result<void> PartFile::commit() {
  if (std::rename(part_path_.c_str(), path_.c_str()) != 0) return tl::unexpected(cannot_write(path_, errno));
  part_path_.clear();
  return {};
}

Result<void> write_and_commit(PartFile file, std::span<const std::uint8_t> bytes) {
  std::FILE* stream = std::fopen(file.part_path().c_str(), "wbe");
  if (!stream) return tl::unexpected(cannot_write(file.path(), errno));
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), stream) == bytes.size() && std::fflush(stream) == 0;
  const int why = errno;
  const bool closed = std::fclose(stream) == 0;
  if (!written || !closed) return tl::unexpected(cannot_write(file.path(), written ? errno : why));
  return file.commit();
}

}  // namespace viba
