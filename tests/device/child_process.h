#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace viba::device_test {

/// Another program, found on PATH, that ends with this object at the latest. What it prints goes to
/// `log`. Thread-safety: none.
class ChildProcess {
 public:
  ChildProcess(const std::vector<std::string>& arguments, const std::string& log) : pid_(fork()) {
    if (pid_ == 0) run(arguments, log);
    ended_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    stop();
    close(ended_);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Whether it has ended, at once when it does and else after this time.
  [[nodiscard]] bool ended_within(std::chrono::milliseconds time) const {
    pollfd waited{ended_, POLLIN, 0};
    return !running_ || poll(&waited, 1, static_cast<int>(time.count())) > 0;
  }

  /// The exit status, or 128 plus the signal's number. Waits for the end.
  int status() {
    if (std::exchange(running_, false)) {
      int raw = 0;
      waitpid(pid_, &raw, 0);
      status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    }
    return status_;
  }

  /// Ends it without asking.
  void stop() {
    if (running_) kill(pid_, SIGKILL);
    (void)status();
  }

 private:
  [[noreturn]] static void run(const std::vector<std::string>& arguments, const std::string& log) {
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const int in = open("/dev/null", O_RDONLY);
    dup2(in, 0);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> words;
    for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execvp(words.front(), words.data());
    _exit(127);
  }

  pid_t pid_;
  int ended_ = -1;
  bool running_ = true;
  int status_ = 0;
};

}  // namespace viba::device_test
