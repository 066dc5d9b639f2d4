#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <viba/result.h>

namespace viba {

/// The content of a model file. Errors: kNotFound, kPermission, kIo, kUnsupported (larger than `most`
/// bytes, or a folder), each naming it.
[[nodiscard]] Result<std::vector<std::uint8_t>> file_bytes(const std::string& path, std::uint64_t most);

}  // namespace viba
