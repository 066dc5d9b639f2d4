#include "segment/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <thread>
#include <vector>

#include "segment/gpu.h"

namespace viba {
namespace {

struct Way {
  Provider provider;
  std::string_view name;    ///< for people
  std::string_view option;  ///< what asks for it alone
};
constexpr Way kCuda{Provider::kCuda, "CUDA", "--gpu cuda"};
constexpr Way kWebGpu{Provider::kWebGpu, "WebGPU", "--gpu webgpu"};

std::vector<Way> ways_of(Gpu gpu) {
  if (gpu == Gpu::kCuda) return {kCuda};
  if (gpu == Gpu::kWebGpu) return {kWebGpu};
  return {kCuda, kWebGpu};
}

/// Takes the first way that works. Otherwise the engine stays as it is, and the reasons are returned.
std::string move_to_gpu(Engine& engine, Gpu gpu) {
  std::string names, reasons, last_reason;
  for (const auto& way : ways_of(gpu)) {
    Engine moved = engine;
    moved.provider = way.provider;
    const auto name = try_gpu(moved, gpu == Gpu::kWebGpu);
    if (name) {
      moved.device = fmt::format("the GPU {}{}({})", *name, name->empty() ? "" : " ", way.name);
      engine = std::move(moved);
      return {};
    }
    // Two ways that fail for the same reason share its words.
    if (name.error() == last_reason) {
      reasons = fmt::format("{} and {}: {}", names, way.name, last_reason);
      continue;
    }
    names = way.name;
    last_reason = name.error();
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", names, last_reason);
  }
  return reasons;
}

tl::unexpected<Error> no_gpu(Gpu gpu, const std::string& reasons) {
  const auto option = gpu == Gpu::kAny ? "--use-gpu" : ways_of(gpu).front().option;
  return fail(ErrorCode::kUnsupported,
              fmt::format("{}: no GPU can be used ({}); leave it out to run on the CPU.", option, reasons));
}

}  // namespace

int Engine::threads_for(double million_multiply_adds) const {
  constexpr double kSmall = 150;
  if (threads > 0) return threads;
  return million_multiply_adds < kSmall ? 1 : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<Engine> make_engine(const Options& options, const Log& log) {
  auto runtime = options.ort_library.empty() ? OnnxRuntime::load(onnx_runtime_candidates())
                                             : OnnxRuntime::load_file(options.ort_library);
  if (!runtime) return tl::unexpected(std::move(runtime).error());
  log.debug(fmt::format("ONNX Runtime {} from {}.", (*runtime)->version(), (*runtime)->path()));
  Engine engine{.runtime = std::move(*runtime), .threads = options.threads};
  if (options.gpu == Gpu::kOff) return engine;
  const std::string reasons = move_to_gpu(engine, options.gpu);
  if (reasons.empty()) {
    log.info(fmt::format("The network runs on {}.", engine.device));
    return engine;
  }
  if (options.gpu != Gpu::kAuto) return no_gpu(options.gpu, reasons);
  log.info(fmt::format("No GPU can be used ({}), so the network runs on the CPU.", reasons));
  return engine;
}

}  // namespace viba
