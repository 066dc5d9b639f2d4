#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <mutex>

#include <fmt/format.h>

namespace viba::app {
namespace {

constexpr std::string_view kClear = "\r\033[K";

std::mutex mutex;
std::string status;  ///< what is shown of it

/// By the descriptor, as `main` has sent `stderr` to nowhere.
void write_all(std::string_view text) {
  [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

std::size_t columns() {
  winsize window{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1;
  return known ? window.ws_col - std::size_t{1} : 79;
}

}  // namespace

bool has_terminal() { return isatty(STDERR_FILENO) != 0; }

void write_line(std::string_view line) {
  const std::scoped_lock lock(mutex);
  write_all(status.empty() ? fmt::format("{}\n", line) : fmt::format("{}{}\n{}", kClear, line, status));
}

void show_status(std::string_view text) {
  if (!has_terminal()) return;
  const std::scoped_lock lock(mutex);
  status = text.substr(0, columns());
  write_all(fmt::format("{}{}", kClear, status));
}

std::string progress_bar(int percent) {
  constexpr int kWidth = 24;
  return fmt::format("[{:<{}}] {:>3} %", std::string(static_cast<std::size_t>(percent * kWidth / 100), '#'), kWidth,
                     percent);
}

}  // namespace viba::app
