#include "segment/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace viba {

int Engine::threads_for(double million_multiply_adds) const {
  constexpr double kSmall = 150;
  if (threads > 0) return threads;
  return million_multiply_adds < kSmall ? 1 : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<Engine> make_engine(const Options& options, const Log& log) {
  auto runtime = OnnxRuntime::load(onnx_runtime_candidates());
  if (!runtime) return tl::unexpected(std::move(runtime).error());
  log.debug(fmt::format("ONNX Runtime {} from {}.", (*runtime)->version(), (*runtime)->path()));
  return Engine{.runtime = std::move(*runtime), .threads = options.threads};
}

}  // namespace viba
