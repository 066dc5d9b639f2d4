#pragma once

#include <string>

#include <viba/result.h>

namespace viba {

/// What the system's `error_number` means to somebody who asked for this file to be read.
[[nodiscard]] Error cannot_read(const std::string& path, int error_number);

/// The same for writing. A full disk, a quota and a limit on file sizes are one thing to a person.
[[nodiscard]] Error cannot_write(const std::string& path, int error_number);

}  // namespace viba
