#include "segment/onnx_options.h"

namespace viba {
namespace {

OrtStatus* append_cuda(const OrtApi& api, OrtSessionOptions* options) {
  OrtCUDAProviderOptionsV2* raw = nullptr;
  if (OrtStatus* status = api.CreateCUDAProviderOptions(&raw)) return status;
  const OrtHandle<OrtCUDAProviderOptionsV2> cuda(raw, api.ReleaseCUDAProviderOptions);
  // The default tries every algorithm of every convolution, which makes the first frame wait for seconds.
  constexpr const char* kKey = "cudnn_conv_algo_search";
  constexpr const char* kValue = "HEURISTIC";
  if (OrtStatus* status = api.UpdateCUDAProviderOptions(raw, &kKey, &kValue, 1)) return status;
  return api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, raw);
}

OrtStatus* append_provider(const OrtApi& api, OrtSessionOptions* options, Provider provider) {
  switch (provider) {
    case Provider::kCuda: return append_cuda(api, options);
    case Provider::kWebGpu: return api.SessionOptionsAppendExecutionProvider(options, "WebGPU", nullptr, nullptr, 0);
    case Provider::kCpu: break;
  }
  return nullptr;
}

}  // namespace

tl::expected<OrtHandle<OrtSessionOptions>, std::string> session_options(const Engine& engine, int threads) {
  const OrtApi& api = engine.runtime->api();
  OrtSessionOptions* raw = nullptr;
  if (auto bad = complaint(api, api.CreateSessionOptions(&raw)); !bad.empty()) return tl::unexpected(std::move(bad));
  OrtHandle<OrtSessionOptions> options(raw, api.ReleaseSessionOptions);
  // Spinning would burn several times the network's own time between frames; the whole set of
  // optimizations is what brings the blocked layout, and with it half of the speed. Folding constants
  // is what a hostile file could fill the memory with: it allocates past the bounded allocator.
  std::string first_bad;
  for (OrtStatus* status :
       {api.SetSessionGraphOptimizationLevel(raw, ORT_ENABLE_ALL), api.SetIntraOpNumThreads(raw, threads),
        api.SetSessionLogSeverityLevel(raw, ORT_LOGGING_LEVEL_FATAL),
        api.AddSessionConfigEntry(raw, "session.intra_op.allow_spinning", "0"),
        api.AddSessionConfigEntry(raw, "session.use_env_allocators", "1"),
        api.AddSessionConfigEntry(raw, "optimization.disable_specified_optimizers", "ConstantFolding"),
        append_provider(api, raw, engine.provider)})
    if (auto bad = complaint(api, status); first_bad.empty()) first_bad = std::move(bad);
  if (!first_bad.empty()) return tl::unexpected(std::move(first_bad));
  return options;
}

}  // namespace viba
