#include "output/loopback_openers.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <fmt/format.h>

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

int open_files(const std::vector<pid_t>& processes, const std::vector<dev_t>& devices) {
  int sum = 0;
  for (const pid_t process : processes) sum += open_files(process, devices);
  return sum;
}

int open_files_of_others(const std::vector<pid_t>& known, const std::vector<dev_t>& devices) {
  auto others = other_processes();
  std::erase_if(others, [&](pid_t process) { return std::ranges::count(known, process) > 0; });
  return open_files(others, devices);
}

std::vector<pid_t> session_daemons() {
  auto processes = other_processes();
  std::erase_if(processes, [](pid_t process) {
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
    return !is_session_daemon(name);
  });
  return processes;
}

std::optional<int> module_references() {
  int count = 0;
  if (std::ifstream("/sys/module/v4l2loopback/refcnt") >> count) return count;
  return {};
}

/// Files of the module's nodes in unknown processes. The known ones may open and close some meanwhile.
std::optional<int> files_elsewhere(const std::vector<pid_t>& known, const std::vector<dev_t>& nodes) {
  for (;;) {
    const int known_files = open_files(known, nodes);
    const auto all = module_references();
    if (!all) return {};
    if (open_files(known, nodes) == known_files) return *all - known_files;
  }
}

/// Whether an unknown process may have the node open.
bool is_open_elsewhere(const std::vector<pid_t>& known, dev_t node) {
  std::vector<dev_t> nodes = loopback_nodes();
  const auto all = files_elsewhere(known, nodes);
  if (!all) return open_files_of_others(known, {node}) > 0;  // a module that is built in counts nothing
  if (*all <= 0 || nodes.size() <= 1) return *all > 0;
  if (open_files_of_others(known, {node}) > 0) return true;
  std::erase(nodes, node);
  return *all - open_files_of_others(known, nodes) > 0;
}

}  // namespace

bool is_session_daemon(const std::string& process_name) {
  // The kernel keeps 15 letters of pipewire-media-session.
  constexpr std::array<std::string_view, 3> kDaemons{"pipewire", "wireplumber", "pipewire-media-"};
  return std::ranges::count(kDaemons, process_name) > 0;
}

bool may_map(pid_t process, const std::string& node) {
  struct stat file {};
  if (stat(node.c_str(), &file) != 0) return false;
  const std::string mapping = fmt::format(" {:02x}:{:02x} {} ", major(file.st_dev), minor(file.st_dev), file.st_ino);
  std::ifstream map(fmt::format("/proc/{}/maps", process));
  if (!map) return true;
  for (std::string line; std::getline(map, line);)
    if (line.find(mapping) != std::string::npos) return true;
  return false;
}

bool may_read(const Openers& openers) {
  return openers.others || std::ranges::any_of(openers.daemons, &SessionDaemon::maps);
}

Result<Openers> openers_of(const std::string& node) {
  Openers openers;
  struct stat file {};
  if (stat(node.c_str(), &file) != 0) return openers;
  std::error_code error;
  if (!fs::exists("/proc/self/fd", error))
    return fail(ErrorCode::kIo, "/proc cannot be read: mount it with `sudo mount -t proc proc /proc`.");
  std::vector<pid_t> known = session_daemons();
  for (const pid_t daemon : known)
    if (open_files(daemon, {file.st_rdev}) > 0) openers.daemons.push_back({daemon, may_map(daemon, node)});
  known.push_back(getpid());
  openers.others = is_open_elsewhere(known, file.st_rdev);
  return openers;
}

}  // namespace viba
