#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace viba::pipewire_test {

/// Whether PATH leads to a program of this name.
[[nodiscard]] bool is_installed(const std::string& program);

/// Another program, found on PATH, that ends with this object at the latest, and with the thread that started it, in
/// whatever way that ends. Its lines of output are collected here, or go to a file. Its input is empty, or a pipe. One
/// more file may be given to it, which it has as descriptor 3.
/// Thread-safety: none.
class Process {
 public:
  enum class Input { kEmpty, kPipe };

  explicit Process(const std::vector<std::string>& command, Input input = Input::kEmpty, int given = -1);
  Process(const std::vector<std::string>& command, const std::string& log);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// The first line that begins so and was not returned yet, nor came before one that was; nothing when the time is
  /// over or the program ends without it.
  [[nodiscard]] std::optional<std::string> next_line(std::string_view beginning,
                                                     std::chrono::milliseconds patience = std::chrono::seconds(10));
  /// All lines so far.
  [[nodiscard]] std::vector<std::string> lines() const;
  /// How many lines so far begin so.
  [[nodiscard]] std::size_t count(std::string_view beginning) const;

  /// Ends its input, where that is a pipe.
  void close_input();

  [[nodiscard]] bool ended_within(std::chrono::milliseconds time) const;
  void signal(int number) const;
  /// Waits for the end: the exit status, or 128 plus the signal's number.
  int wait();
  /// Ends it without asking.
  int kill();
  /// Asks it to end, and ends it when it does not within five seconds.
  int stop();

 private:
  void start(const std::vector<std::string>& command, int input, int output, int given = -1);
  void read_lines();

  pid_t pid_ = 0;
  int ended_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::optional<int> status_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::string> lines_;
  std::size_t returned_ = 0;
  bool complete_ = true;
  std::jthread reader_;
};

}  // namespace viba::pipewire_test
