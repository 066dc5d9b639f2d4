#include "pipeline/sink_writer.h"

#include <utility>

#include "pipeline/guard.h"

namespace viba {

SinkWriter::SinkWriter(Write write)
    : write_(std::move(write)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Result<void> SinkWriter::outcome() {
  const std::scoped_lock lock(mutex_);
  return outcome_;
}

Result<void> SinkWriter::put(SafeFrame frame) {
  if (auto before = outcome(); !before) return before;
  frames_.put_waiting(std::move(frame), thread_.get_stop_token());
  return {};
}

Result<void> SinkWriter::finish() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return outcome();
}

void SinkWriter::run(const std::stop_token& stop) {
  // What is there when a stop is asked for is still taken.
  while (const auto frame = frames_.take(stop)) {
    if (!outcome()) continue;
    auto written = guarded("The output", [&] { return write_(*frame); });
    const std::scoped_lock lock(mutex_);
    outcome_ = std::move(written);
  }
}

}  // namespace viba
