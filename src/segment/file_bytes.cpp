#include "segment/file_bytes.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace viba {

Result<std::vector<std::uint8_t>> file_bytes(const std::string& path, std::uint64_t most) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return fail(ErrorCode::kUnsupported, fmt::format("{} is a folder; give a model file.", path));
  const auto size = std::filesystem::file_size(path, error);
  if (error)
    return fail(error == std::errc::permission_denied ? ErrorCode::kPermission : ErrorCode::kNotFound,
                fmt::format("The model file {} cannot be opened: {}.", path, error.message()));
  if (size > most)
    return fail(ErrorCode::kUnsupported,
                fmt::format("The model file {} cannot be used: it is larger than {} bytes.", path, most));
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    return fail(errno == EACCES ? ErrorCode::kPermission : ErrorCode::kIo,
                fmt::format("The model file {} cannot be opened: {}.", path, std::generic_category().message(errno)));
  std::vector<std::uint8_t> bytes(size);
  if (size > 0 && !stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size)))
    return fail(ErrorCode::kIo, fmt::format("The model file {} could not be read to its end.", path));
  return bytes;
}

}  // namespace viba
