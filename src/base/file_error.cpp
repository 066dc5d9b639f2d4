#include "base/file_error.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace viba {
namespace {

std::string in_words(int error_number) { return std::generic_category().message(error_number); }

std::string folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

}  // namespace

Error cannot_read(const std::string& path, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return {ErrorCode::kNotFound, fmt::format("There is no file {}; check its name and folder.", path)};
    case EACCES:
    case EPERM:
      return {ErrorCode::kPermission,
              fmt::format("You may not read {}; ask its owner to allow it, or choose another file.", path)};
    default:
      return {ErrorCode::kIo,
              fmt::format("Cannot read {} ({}); choose another file or copy it anew.", path, in_words(error_number))};
  }
}

Error cannot_write(const std::string& path, int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return {ErrorCode::kNotFound,
              fmt::format("Cannot write {} because there is no folder {}; make it first.", path, folder_of(path))};
    case EACCES:
    case EPERM:
    case EROFS:
      return {ErrorCode::kPermission,
              fmt::format("You may not write {}; choose a folder that you may write to.", path)};
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {ErrorCode::kIo,
              fmt::format("Cannot write {} because the disk is full; free some space or choose another place.", path)};
    default:
      return {ErrorCode::kIo, fmt::format("Cannot write {} ({}); choose another place.", path, in_words(error_number))};
  }
}

}  // namespace viba
