#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "device/child_process.h"
#include "device/device_test.h"
#include "device/reader.h"

namespace viba::device_test {

/// `viba` between vivid and the loopback, before a green background. Ends with this object.
class Program {
 public:
  /// What a process has that it may fail to give back.
  struct Possessions {
    int descriptors = 0, threads = 0, kilobytes = 0;
  };

  explicit Program(const TemporaryFolder& folder, const std::vector<std::string>& more = {},
                   const std::string& camera = kVivid)
      : folder_(folder), log_(folder.file("viba.log")), process_(command(more, camera), log_) {}

  [[nodiscard]] ChildProcess& process() { return process_; }
  [[nodiscard]] std::string said() const { return file_text(log_); }

  /// Waits until readers find a camera in the loopback, fed by this very program.
  [[nodiscard]] bool is_ready() const {
    return wait_until([this] {
             return process_.ended_within(std::chrono::milliseconds{0}) ||
                    (said().find("viba: To ") != std::string::npos && is_fed(folder_));
           }) &&
           !process_.ended_within(std::chrono::milliseconds{0});
  }

  [[nodiscard]] bool holds(const std::string& device) const {
    bool held = false;
    for_each_descriptor([&](const std::string& target) { held = held || target == device; });
    return held;
  }

  [[nodiscard]] Possessions possessions() const {
    Possessions all;
    for_each_descriptor([&](const std::string&) { ++all.descriptors; });
    std::ifstream status(proc() + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) all.kilobytes = std::stoi(line.substr(6));
      if (line.starts_with("Threads:")) all.threads = std::stoi(line.substr(8));
    }
    return all;
  }

 private:
  [[nodiscard]] static std::vector<std::string> command(const std::vector<std::string>& more,
                                                        const std::string& camera) {
    std::vector<std::string> words{VIBA_PROGRAM,   "--real-cam-device", camera,    "--real-cam-resolution",
                                   "640x360",      "--fake-cam-device", kLoopback, "--background",
                                   "color:#00ff00"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  [[nodiscard]] std::string proc() const { return "/proc/" + std::to_string(process_.pid()); }

  void for_each_descriptor(const std::function<void(const std::string& target)>& visit) const {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(proc() + "/fd", gone))
      if (const auto target = std::filesystem::read_symlink(entry.path(), gone); !gone) visit(target.string());
  }

  const TemporaryFolder& folder_;
  std::string log_;
  ChildProcess process_;
};

}  // namespace viba::device_test
