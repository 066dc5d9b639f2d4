#pragma once

#include <stop_token>
#include <thread>

namespace viba::app {

/// Turns the first SIGINT, SIGTERM or SIGHUP into a request to stop; a second one ends the program
/// at once. Make it before any other thread, so that they all leave the signals to it.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void wait_for_signal();

  std::stop_source stop_;
  int done_;  ///< eventfd that ends the waiting
  std::thread waiting_;
};

}  // namespace viba::app
