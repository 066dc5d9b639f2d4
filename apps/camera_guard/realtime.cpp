#include "realtime.h"

#include <cstdint>
#include <memory>

#include <sched.h>
#include <sys/resource.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace {

constexpr int kPriority = 10;
constexpr rlim_t kLongestRun = 200'000;         ///< µs, the most that RealtimeKit puts up with
constexpr std::uint64_t kPatience = 1'000'000;  ///< µs

bool ask_realtime_kit() {
  sd_bus* opened = nullptr;
  if (sd_bus_open_system(&opened) < 0) return false;
  const std::unique_ptr<sd_bus, decltype(&sd_bus_close_unref)> bus(opened, &sd_bus_close_unref);
  sd_bus_set_method_call_timeout(bus.get(), kPatience);
  return sd_bus_call_method(bus.get(), "org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1",
                            "org.freedesktop.RealtimeKit1", "MakeThreadRealtime", nullptr, nullptr, "tu",
                            static_cast<std::uint64_t>(gettid()), static_cast<std::uint32_t>(kPriority)) >= 0;
}

}  // namespace

bool become_realtime() {
  const rlimit longest_run{kLongestRun, kLongestRun};
  if (setrlimit(RLIMIT_RTTIME, &longest_run) != 0) return false;
  sched_param priority{};
  priority.sched_priority = kPriority;
  return sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &priority) == 0 || ask_realtime_kit();
}
