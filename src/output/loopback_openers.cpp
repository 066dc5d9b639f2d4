#include "output/loopback_openers.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "media/open_devices.h"

namespace viba {
namespace {

namespace fs = std::filesystem;

/// The devices of all nodes of the module, which alone have this attribute.
std::vector<dev_t> loopback_nodes() {
  std::vector<dev_t> nodes;
  for (const fs::path& node : entries("/sys/class/video4linux")) {
    std::error_code error;
    unsigned major = 0;
    unsigned minor = 0;
    char colon = 0;
    if (fs::exists(node / "max_openers", error) && std::ifstream(node / "dev") >> major >> colon >> minor)
      nodes.push_back(makedev(major, minor));
  }
  return nodes;
}

/// How many files of these devices a process has open, as far as it lets us look.
int open_files(pid_t process, const std::vector<dev_t>& devices) {
  return int(std::ranges::count_if(
      open_devices(process), [&](const OpenDevice& open) { return std::ranges::count(devices, open.device) > 0; }));
}

int open_files_of_others(const std::vector<dev_t>& devices) {
  int sum = 0;
  for (const pid_t process : other_processes()) sum += open_files(process, devices);
  return sum;
}

std::optional<int> module_references() {
  int count = 0;
  if (std::ifstream("/sys/module/v4l2loopback/refcnt") >> count) return count;
  return {};
}

/// Files of the module's nodes in other processes. This process's other threads may open and close
/// some meanwhile.
std::optional<int> files_elsewhere(const std::vector<dev_t>& nodes) {
  for (;;) {
    const int own = open_files(getpid(), nodes);
    const auto all = module_references();
    if (!all) return {};
    if (open_files(getpid(), nodes) == own) return *all - own;
  }
}

}  // namespace

Result<bool> is_open_elsewhere(const std::string& node) {
  struct stat file {};
  if (stat(node.c_str(), &file) != 0) return false;
  std::error_code error;
  if (!fs::exists("/proc/self/fd", error))
    return fail(ErrorCode::kIo, "/proc cannot be read: mount it with `sudo mount -t proc proc /proc`.");
  const std::vector<dev_t> here{file.st_rdev};
  std::vector<dev_t> nodes = loopback_nodes();
  const auto all = files_elsewhere(nodes);
  if (!all) return open_files_of_others(here) > 0;  // a module that is built in counts nothing
  if (*all <= 0 || nodes.size() <= 1) return *all > 0;
  if (open_files_of_others(here) > 0) return true;
  std::erase(nodes, file.st_rdev);
  return *all - open_files_of_others(nodes) > 0;
}

}  // namespace viba
