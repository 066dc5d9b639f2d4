#pragma once

#include <string>
#include <vector>

#include <viba/result.h>

namespace viba {

/// Runs a program of the system to its end. A name without a slash is looked for in /usr/sbin, /sbin, /usr/bin and
/// /bin. Errors: kNotFound (no such program), kIo (it failed, with the last line of what it said).
[[nodiscard]] Result<void> run_program(const std::vector<std::string>& words);

}  // namespace viba
