#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

#include "segment/onnx_runtime.h"

namespace viba {

/// What ONNX Runtime hands the work to.
enum class Provider { kCpu, kCuda, kWebGpu };

/// Where networks run, and how. Cheap to copy.
/// Thread-safety: as a value.
struct Engine {
  std::shared_ptr<const OnnxRuntime> runtime;
  Provider provider = Provider::kCpu;
  std::string device = "the CPU";  ///< for people, or "the GPU NVIDIA GeForce RTX 3060 (CUDA)"
  int threads = 0;                 ///< 0: as many as the size of the network is worth

  /// For a network of that many million multiply-adds a run: one for a small network, because the
  /// threads' talk would cost more than it gains, all processors for a large one.
  [[nodiscard]] int threads_for(double million_multiply_adds) const;
};

/// Takes from `options`: ort_library, gpu, threads. A GPU is taken only after a tiny network ran on it;
/// `log` hears its name, or why `Gpu::kAuto` took none.
/// Errors: kNotFound (ONNX Runtime, saying where it was looked for and how to get it); kUnsupported (a
/// GPU is asked for and none can be used, with the reason for each way; or see `OnnxRuntime::load_file`).
[[nodiscard]] Result<Engine> make_engine(const Options& options, const Log& log);

}  // namespace viba
