#include "segment/gpu.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <vector>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_options.h"
#include "segment/vulkan_devices.h"

namespace viba {
namespace {

using Found = tl::expected<std::string, std::string>;

constexpr std::int64_t kSide = 8;
constexpr std::array<std::int64_t, 4> kShape{1, 1, kSide, kSide};

/// A convolution that adds up 3x3 pixels: it needs more of a provider than most operators do.
std::string tiny_network() {
  onnx::Graph graph;
  onnx::GraphBuilder builder(graph);
  const onnx::Shape shape(kShape.begin(), kShape.end());
  const std::vector<float> ones(9, 1.0F);
  builder.add_input("x", shape);
  builder.add_constant("w", {1, 1, 3, 3}, std::span<const float>(ones));
  builder.add_node("Conv", {"x", "w"}, "y", shape, {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
  builder.add_output("y", shape);
  return onnx::serialize(std::move(graph));
}

std::string run_once(const OrtApi& api, OrtSession* session) {
  std::vector<float> in(kSide * kSide, 1.0F);
  std::vector<float> out(in.size());
  OrtMemoryInfo* memory = nullptr;
  auto bad = complaint(api, api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
  if (!bad.empty()) return bad;
  const OrtHandle<OrtMemoryInfo> memory_owner(memory, api.ReleaseMemoryInfo);
  std::vector<OrtHandle<OrtValue>> values;
  for (auto* numbers : {&in, &out}) {
    OrtValue* value = nullptr;
    bad = complaint(
        api, api.CreateTensorWithDataAsOrtValue(memory, numbers->data(), numbers->size() * sizeof(float), kShape.data(),
                                                kShape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
    if (!bad.empty()) return bad;
    values.emplace_back(value, api.ReleaseValue);
  }
  const char* x = "x";
  const char* y = "y";
  const OrtValue* input = values[0].get();
  OrtValue* output = values[1].get();
  bad = complaint(api, api.Run(session, nullptr, &x, &input, 1, &y, 1, &output));
  if (bad.empty() && std::abs(out[kSide + 1] - 9.0F) > 0.01F) return "it computes wrong numbers";
  return bad;
}

/// Empty when the network ran, otherwise the runtime's complaint.
std::string run_tiny_network(const Engine& engine) {
  const OrtApi& api = engine.runtime->api();
  const auto options = session_options(engine, 1);
  if (!options) return options.error();
  auto bad = complaint(api, api.AddSessionConfigEntry(options->get(), "session.disable_cpu_ep_fallback", "1"));
  if (!bad.empty()) return bad;
  const std::string model = tiny_network();
  OrtSession* session = nullptr;
  bad = complaint(
      api, api.CreateSessionFromArray(engine.runtime->env(), model.data(), model.size(), options->get(), &session));
  if (!bad.empty()) return bad;
  const OrtHandle<OrtSession> owner(session, api.ReleaseSession);
  return run_once(api, session);
}

/// The name of the first NVIDIA GPU, from the driver.
Found cuda_device() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (driver == nullptr) return tl::unexpected(std::string("the NVIDIA driver (libcuda.so.1) is not installed"));
  const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto get = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
  const auto name_of = reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName"));
  std::array<char, 256> name{};
  int device = 0;
  if (init == nullptr || get == nullptr || init(0) != 0 || get(&device, 0) != 0)
    return tl::unexpected(std::string("no NVIDIA GPU was found"));
  if (name_of == nullptr || name_of(name.data(), static_cast<int>(name.size()) - 1, device) != 0) return std::string();
  return std::string(name.data());
}

/// What of the provider's own libraries, or of those that it needs, is missing; empty when nothing is.
std::string missing_for_cuda(const OrtApi& api) {
  Dl_info runtime{};
  if (dladdr(reinterpret_cast<const void*>(api.CreateEnv), &runtime) == 0 || runtime.dli_fname == nullptr) return {};
  const auto folder = std::filesystem::path(runtime.dli_fname).parent_path();
  for (const char* file : {"libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"}) {
    std::error_code error;
    if (!std::filesystem::exists(folder / file, error))
      return fmt::format("{} does not lie beside {}", file, runtime.dli_fname);
  }
  if (dlopen((folder / "libonnxruntime_providers_cuda.so").c_str(), RTLD_NOW | RTLD_LOCAL) != nullptr) return {};
  std::string reason = dlerror();
  // The loader names what is missing first, as in "libcudart.so.13: cannot open shared object file: …".
  if (reason.starts_with("lib")) return fmt::format("{} is not installed", reason.substr(0, reason.find(':')));
  return reason;
}

/// Of "… CUDA failure 35: CUDA driver version is insufficient … ; GPU=-1 ; …", what is for people.
std::string in_short(const std::string& complaint) {
  const auto failure = complaint.find("CUDA failure ");
  const auto begin = failure == std::string::npos ? failure : complaint.find(": ", failure);
  if (begin == std::string::npos) return complaint;
  return complaint.substr(begin + 2, complaint.find(" ;", begin) - begin - 2);
}

std::string built_without(const OnnxRuntime& runtime) {
  return fmt::format("not part of the ONNX Runtime in {}, while ./scripts/run --with-gpu fetches one that has both",
                     runtime.path());
}

Found try_cuda(const Engine& engine) {
  if (!engine.runtime->has_provider("CUDAExecutionProvider")) return tl::unexpected(built_without(*engine.runtime));
  auto device = cuda_device();
  if (!device) return device;
  auto bad = run_tiny_network(engine);
  if (bad.empty()) return device;
  auto missing = missing_for_cuda(engine.runtime->api());
  return tl::unexpected(missing.empty() ? in_short(bad) : std::move(missing));
}

/// WebGPU writes to standard error when there is no device, so it is not asked then.
Found try_webgpu(const Engine& engine, bool software_too) {
  if (!engine.runtime->has_provider("WebGpuExecutionProvider")) return tl::unexpected(built_without(*engine.runtime));
  const auto devices = vulkan_devices();
  if (!devices.loader) return tl::unexpected(std::string("Vulkan (libvulkan.so.1) is not installed"));
  if (devices.found.empty()) return tl::unexpected(std::string("no GPU with a Vulkan driver was found"));
  const auto& device = devices.found.front();
  if (device.software && !software_too)
    return tl::unexpected(
        fmt::format("no GPU with a Vulkan driver was found, only {}, which is software", device.name));
  auto bad = run_tiny_network(engine);
  if (bad.empty()) return device.name;
  if (bad.find("adapter") != std::string::npos)
    return tl::unexpected(fmt::format("it does not support {}", device.name));
  return tl::unexpected(std::move(bad));
}

}  // namespace

Found try_gpu(const Engine& engine, bool software_too) try {
  return engine.provider == Provider::kCuda ? try_cuda(engine) : try_webgpu(engine, software_too);
} catch (const std::exception& error) {
  return tl::unexpected(std::string(error.what()));
}

}  // namespace viba
