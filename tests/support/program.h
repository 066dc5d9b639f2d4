#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

/// Runs the built `viba` as a user would.
namespace viba::test {

struct Outcome {
  int status = -1;     ///< exit status; 128 + N when a signal ended it
  std::string output;  ///< standard output and error together
};

inline Outcome run_shell(const std::string& command) {
  Outcome outcome;
  FILE* pipe = popen(("( " + command + " ) 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  while (const auto count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.output.append(buffer.data(), count);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

inline Outcome run_viba(const std::string& arguments) { return run_shell(VIBA_BINARY_DIR "/viba " + arguments); }

}  // namespace viba::test
