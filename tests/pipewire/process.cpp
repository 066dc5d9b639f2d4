#include "pipewire/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace viba::pipewire_test {
namespace {

constexpr int kGiven = 3;  ///< the number it has there

[[noreturn]] void run(const std::vector<char*>& words, int input, int output, int given, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (given >= 0 && dup2(given, kGiven) >= 0) fcntl(kGiven, F_SETFD, 0);
  execvp(words.front(), words.data());
  _exit(127);
}

int open_nothing() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

/// The end to read from and the one to write to.
std::pair<int, int> open_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  return {ends[0], ends[1]};
}

}  // namespace

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  return false;
}

Process::Process(const std::vector<std::string>& command, Input input, int given) {
  auto [read_end, write_end] = open_pipe();
  int program_input = open_nothing();
  if (input == Input::kPipe) {
    close(program_input);
    std::tie(program_input, input_) = open_pipe();
  }
  output_ = read_end;
  start(command, program_input, write_end, given);
  complete_ = false;
  reader_ = std::jthread([this] { read_lines(); });
}

Process::Process(const std::vector<std::string>& command, const std::string& log) {
  start(command, open_nothing(), open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
}

Process::~Process() {
  kill();
  if (reader_.joinable()) reader_.join();
  close_input();
  if (output_ >= 0) close(output_);
  close(ended_);
}

void Process::start(const std::vector<std::string>& command, int input, int output, int given) {
  std::vector<char*> words;
  for (const auto& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) run(words, input, output, given, parent);
  close(input);
  close(output);
  if (pid_ < 0) throw std::runtime_error("no process");
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

void Process::read_lines() {
  std::string text;
  std::array<char, 4096> bytes{};
  ssize_t count = 0;
  while ((count = read(output_, bytes.data(), bytes.size())) > 0) {
    text.append(bytes.data(), static_cast<std::size_t>(count));
    const std::lock_guard lock(mutex_);
    std::size_t end = 0;
    while ((end = text.find('\n')) != std::string::npos) {
      lines_.push_back(text.substr(0, end));
      text.erase(0, end + 1);
    }
    more_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  complete_ = true;
  more_.notify_all();
}

std::optional<std::string> Process::next_line(std::string_view beginning, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> found;
  more_.wait_for(lock, patience, [&] {
    while (!found && returned_ < lines_.size())
      if (const auto& line = lines_[returned_++]; line.starts_with(beginning)) found = line;
    return found || complete_;
  });
  return found;
}

std::vector<std::string> Process::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::size_t Process::count(std::string_view beginning) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(), [&](const auto& line) { return line.starts_with(beginning); }));
}

void Process::close_input() {
  if (input_ >= 0) close(std::exchange(input_, -1));
}

bool Process::ended_within(std::chrono::milliseconds time) const {
  pollfd waited{ended_, POLLIN, 0};
  return status_ || poll(&waited, 1, static_cast<int>(time.count())) > 0;
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

int Process::wait() {
  if (!status_) {
    int raw = 0;
    waitpid(pid_, &raw, 0);
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  }
  return *status_;
}

int Process::kill() {
  signal(SIGKILL);
  return wait();
}

int Process::stop() {
  signal(SIGTERM);
  if (!ended_within(std::chrono::seconds(5))) signal(SIGKILL);
  return wait();
}

}  // namespace viba::pipewire_test
