#include "output/camera_guard.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/data_dirs.h"

extern "C" char** environ;  // as POSIX has it, who leaves the declaration to the program

namespace viba {
namespace {

namespace fs = std::filesystem;

constexpr int kGuardsSocket = 3;  ///< the number it has there
constexpr int kPatience = 3000;   ///< ms, for it to be ready
constexpr int kLastWait = 1000;   ///< ms

std::optional<std::string> find_program() {
  for (const auto& folder : private_library_dirs()) {
    std::error_code error;
    if (const fs::path file = fs::path(folder) / "viba-camera-guard"; fs::exists(file, error)) return file.string();
  }
  return {};
}

/// In a process group of its own, out of reach of the keys that end the program in a terminal.
pid_t spawn(const std::string& program, const std::string& node, int input, int socket) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&files, output, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&files, socket, kGuardsSocket);
  posix_spawn_file_actions_addclosefrom_np(&files, kGuardsSocket + 1);  // those of a program that embeds us
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::array<char*, 3> words{const_cast<char*>(program.c_str()), const_cast<char*>(node.c_str()), nullptr};
  pid_t process = 0;
  const int failure = posix_spawn(&process, program.c_str(), &files, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure == 0 ? process : 0;
}

}  // namespace

Result<CameraGuard> CameraGuard::start(std::uint32_t node, int socket) {
  const auto program = find_program();
  if (!program)
    return fail(ErrorCode::kNotFound,
                "viba-camera-guard is missing from ViBa's folder lib/viba: when ViBa is killed, programs that watch "
                "may be given the real camera instead; install ViBa anew.");
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorCode::kIo, "No more files can be opened: close other programs.");
  Fd input(ends[0]);
  Fd line(ends[1]);
  const pid_t process = spawn(*program, std::to_string(node), input.get(), socket);
  if (process == 0) return fail(ErrorCode::kIo, fmt::format("{} cannot be started: install ViBa anew.", *program));
  CameraGuard guard(process, std::move(line));
  input = Fd();
  pollfd ready{guard.line_.get(), POLLIN, 0};
  char byte = 0;
  if (poll(&ready, 1, kPatience) == 1 && recv(guard.line_.get(), &byte, 1, 0) == 1) return guard;
  return fail(ErrorCode::kIo,
              "viba-camera-guard does not reach PipeWire: when ViBa is killed, programs that watch may be given the "
              "real camera instead; look after PipeWire with `systemctl --user status pipewire`.");
}

CameraGuard::CameraGuard(CameraGuard&& other) noexcept
    : process_(std::exchange(other.process_, 0)), line_(std::move(other.line_)) {}

CameraGuard& CameraGuard::operator=(CameraGuard&& other) noexcept {
  std::swap(process_, other.process_);
  std::swap(line_, other.line_);
  return *this;
}

CameraGuard::~CameraGuard() {
  if (process_ == 0) return;
  (void)shutdown(line_.get(), SHUT_WR);
  pollfd end{line_.get(), POLLIN, 0};
  const bool ended = poll(&end, 1, kLastWait) == 1;
  // One that hangs ends by itself, a little later.
  while (waitpid(process_, nullptr, ended ? 0 : WNOHANG) < 0 && errno == EINTR) continue;
}

bool CameraGuard::alive() const {
  char byte = 0;
  return recv(line_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

}  // namespace viba
