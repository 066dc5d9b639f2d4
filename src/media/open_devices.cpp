#include "media/open_devices.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace viba {
namespace {

namespace fs = std::filesystem;

/// Of a folder in /proc; nothing for those that are no processes.
std::optional<pid_t> pid_of(const fs::path& process) {
  const std::string name = process.filename().string();
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc{} && end == name.data() + name.size() ? std::optional(pid) : std::nullopt;
}

}  // namespace

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;  // folders of other users' processes cannot be read; they are passed over
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    found.push_back(it->path());
  return found;
}

std::vector<pid_t> other_processes() {
  std::vector<pid_t> processes;
  for (const fs::path& folder : entries("/proc"))
    if (const auto pid = pid_of(folder); pid && *pid != getpid()) processes.push_back(*pid);
  return processes;
}

std::vector<OpenDevice> open_devices(pid_t process) {
  std::vector<OpenDevice> devices;
  for (const fs::path& link : entries(fmt::format("/proc/{}/fd", process))) {
    // Only links into /dev are followed: to stat a file on a lost network drive may take for ever.
    std::error_code error;
    if (fs::read_symlink(link, error).native().find("/dev/") == std::string::npos) continue;
    struct stat file {};
    if (stat(link.c_str(), &file) == 0 && S_ISCHR(file.st_mode)) devices.push_back({link, file.st_rdev});
  }
  return devices;
}

}  // namespace viba
