#include "stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace viba::app {
namespace {

sigset_t stopping_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

StopSignals::StopSignals() : done_(eventfd(0, EFD_CLOEXEC)) {
  const sigset_t set = stopping_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);  // NOLINT: a closed pipe is an error of the write, not of the program
  waiting_ = std::thread([this] { wait_for_signal(); });
}

StopSignals::~StopSignals() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(done_, &one, sizeof one);
  waiting_.join();
  close(done_);
}

void StopSignals::wait_for_signal() {
  const sigset_t set = stopping_signals();
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  std::array<pollfd, 2> waits{pollfd{signals, POLLIN, 0}, pollfd{done_, POLLIN, 0}};
  while (poll(waits.data(), waits.size(), -1) >= 0 && waits[1].revents == 0) {
    signalfd_siginfo info{};
    [[maybe_unused]] const auto got = read(signals, &info, sizeof info);
    if (!stop_.request_stop()) _exit(128 + static_cast<int>(info.ssi_signo));
  }
  close(signals);
}

}  // namespace viba::app
