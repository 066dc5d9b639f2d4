#pragma once

#include <filesystem>
#include <vector>

#include <sys/types.h>

namespace viba {

/// What is in a folder; nothing if it cannot be read.
[[nodiscard]] std::vector<std::filesystem::path> entries(const std::filesystem::path& folder);

/// The processes that /proc shows, without this one.
[[nodiscard]] std::vector<pid_t> other_processes();

/// A descriptor of a process, and the device that it is open for.
struct OpenDevice {
  std::filesystem::path descriptor;  ///< /proc/123/fd/4
  dev_t device;
};

/// The character devices under /dev that a process has open, as far as it lets us look.
[[nodiscard]] std::vector<OpenDevice> open_devices(pid_t process);

}  // namespace viba
