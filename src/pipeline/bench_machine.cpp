#include "pipeline/bench_machine.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>

#include "base/fd.h"

namespace viba {
namespace {

std::chrono::nanoseconds time_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// What stands behind "KEY<tabs or blanks>:" in one of the kernel's files; empty when nothing does.
std::string value_in(const char* file, std::string_view key) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const auto colon = line.find(':');
    const auto begin = colon == std::string::npos ? colon : line.find_first_not_of(" \t", colon + 1);
    if (begin != std::string::npos) return line.substr(begin);
  }
  return "";
}

}  // namespace

std::string cpu_name() {
  for (const char* key : {"model name", "Model", "Hardware", "uarch"})
    if (auto name = value_in("/proc/cpuinfo", key); !name.empty()) return name;
  utsname machine{};
  return uname(&machine) == 0 ? machine.machine : "unknown";
}

int usable_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return static_cast<int>(std::thread::hardware_concurrency());  // more than a cpu_set_t can name
}

std::chrono::nanoseconds process_cpu_time() { return time_of(CLOCK_PROCESS_CPUTIME_ID); }
std::chrono::nanoseconds thread_cpu_time() { return time_of(CLOCK_THREAD_CPUTIME_ID); }

std::optional<std::chrono::nanoseconds> process_age() {
  constexpr int kFieldsToStart = 20;  // proc(5): from the state, which follows the name in parentheses
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 0; i < kFieldsToStart; ++i) fields >> field;
  const double start = std::strtod(field.c_str(), nullptr);
  if (start <= 0) return {};
  const std::chrono::duration<double> seconds(start / double(sysconf(_SC_CLK_TCK)));
  return time_of(CLOCK_BOOTTIME) - std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

double peak_resident_mb() { return 1024e-6 * std::strtod(value_in("/proc/self/status", "VmHWM").c_str(), nullptr); }

void forget_peak_resident() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  const Fd file(open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC));  // NOLINT: open is variadic
  constexpr std::string_view kPeak = "5";                              // proc(5)
  [[maybe_unused]] const auto written = write(file.get(), kPeak.data(), kPeak.size());
}

}  // namespace viba
