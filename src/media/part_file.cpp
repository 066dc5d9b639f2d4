#include "media/part_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "media/file_error.h"

namespace viba {
namespace {

/// `folder/name.mp4` → `folder/.name.part.mp4`
std::string part_path_of(const std::filesystem::path& path) {
  const auto name = "." + path.stem().string() + ".part" + path.extension().string();
  return (path.parent_path() / name).string();
}

}  // namespace

Result<PartFile> PartFile::create(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return fail(ErrorCode::kUsage, fmt::format("{} is a folder; name a file to write.", path));
  PartFile file(path, part_path_of(path));
  // A link of that name, put there by somebody else, is not followed.
  const int fd = ::open(file.part_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) {
    const int why = errno;
    file.part_path_.clear();
    return tl::unexpected(cannot_write(path, why));
  }
  ::close(fd);
  return file;
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

}  // namespace viba
