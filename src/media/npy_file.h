#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <viba/result.h>

namespace viba {

/// Writes an array of 32-bit floats in C order as NumPy reads it (.npy, format 1.0,
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). `values` has as many numbers
/// as `shape` says. Errors: kIo, kPermission, naming the file; nothing is left half-written.
[[nodiscard]] Result<void> write_npy(const std::string& path, const std::vector<std::int64_t>& shape,
                                     std::span<const float> values);

}  // namespace viba
