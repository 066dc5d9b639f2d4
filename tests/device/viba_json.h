#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "device/device_test.h"

namespace viba::device_test {

/// What the program wrote to each output, and how it ended.
struct Outcome {
  int status = -1;
  std::string output, errors;
  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(output, nullptr, false); }
};

/// Runs a command with its outputs apart.
inline Outcome run_apart(const TemporaryFolder& folder, const std::vector<std::string>& command) {
  std::vector<std::string> words{"sh", "-c", "exec \"$@\" 2>" + folder.file("errors"), "sh"};
  words.insert(words.end(), command.begin(), command.end());
  const int status = run(words, folder.file("output"));
  return {status, file_text(folder.file("output")), file_text(folder.file("errors"))};
}

inline Outcome run_viba(const TemporaryFolder& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), VIBA_PROGRAM);
  return run_apart(folder, arguments);
}

/// Loads v4l2loopback anew.
inline bool reload_loopback(const std::vector<std::string>& parameters) {
  (void)run({"modprobe", "-r", "v4l2loopback"});
  std::vector<std::string> words{"modprobe", "v4l2loopback"};
  words.insert(words.end(), parameters.begin(), parameters.end());
  return run(words) == 0;
}

}  // namespace viba::device_test
