#include "doctor/run_program.h"

#include <array>
#include <cerrno>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/v4l2_ioctl.h"

namespace viba {
namespace {

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const std::string folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"})
    if (access((folder + name).c_str(), X_OK) == 0) return folder + name;
  return {};
}

std::string read_all(const Fd& from) {
  std::string text;
  std::array<char, 1024> bytes{};
  for (;;) {
    const ssize_t count = read(from.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(bytes.data(), std::size_t(count));
  }
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto start = text.rfind('\n');
  return std::string(start == std::string_view::npos ? text : text.substr(start + 1));
}

/// With nothing to read, both outputs into the pipe, and no variable of ours. An errno number, 0 when it was started.
int spawn(const std::string& path, const std::vector<std::string>& words, const Fd& output, pid_t& child) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::string folders = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 2> variables{folders.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output.get(), STDERR_FILENO);
  const int error = posix_spawn(&child, path.c_str(), &actions, nullptr, arguments.data(), variables.data());
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int exit_status(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Result<void> run_program(const std::vector<std::string>& words) {
  const std::string path = find_program(words.front());
  if (path.empty())
    return fail(ErrorCode::kNotFound, fmt::format("There is no program {}: install it first.", words.front()));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::kIo, fmt::format("{} cannot be started ({}).", words.front(), reason(errno)));
  const Fd from(ends[0]);
  Fd to(ends[1]);
  pid_t child = 0;
  if (const int error = spawn(path, words, to, child); error != 0)
    return fail(ErrorCode::kIo, fmt::format("{} cannot be started ({}).", words.front(), reason(error)));
  to = Fd();
  const std::string said = last_line(read_all(from));
  if (exit_status(child) == 0) return {};
  return fail(ErrorCode::kIo,
              fmt::format("`{}` failed: {}", fmt::join(words, " "), said.empty() ? "it says no reason." : said));
}

}  // namespace viba
