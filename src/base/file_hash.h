#pragma once

#include <string>

#include <viba/result.h>

namespace viba {

enum class HashAlgorithm { kSha256, kMd5 };

/// Of the file's content, in lower-case hexadecimal digits. Errors: those of reading it.
[[nodiscard]] Result<std::string> hash_of_file(const std::string& path, HashAlgorithm algorithm);

}  // namespace viba
