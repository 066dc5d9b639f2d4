#include "segment/onnx_runtime.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <onnxruntime_c_api.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/data_dirs.h"
#include "segment/onnx_handle.h"

namespace viba {
namespace {

/// The oldest interface that has all that is used here; newer runtimes keep speaking it, so this is
/// what lets one build run on many of them.
constexpr std::uint32_t kApiVersion = 17;
constexpr int kNewestMinorRelease = 39;

void ORT_API_CALL say_nothing(void* /*parameter*/, OrtLoggingLevel /*level*/, const char* /*category*/,
                              const char* /*id*/, const char* /*location*/, const char* /*message*/) {}

struct Loaded {
  const OrtApi* api = nullptr;
  std::string version;
};

/// What the loader says, without the file's name when it begins with it.
std::string why_not_loaded(const std::string& file) {
  const char* reason = dlerror();
  std::string text = reason == nullptr ? "" : reason;
  if (text.starts_with(file + ": ")) text.erase(0, file.size() + 2);
  return fmt::format("it is no library that can be loaded here ({})", text);
}

/// A library that was loaded is kept: the runtime's threads and statics do not survive being unloaded.
/// The error says what it is instead, as in "it is …".
tl::expected<Loaded, std::string> load_library(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return tl::unexpected(why_not_loaded(file));
  const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  const OrtApiBase* base = get_base == nullptr ? nullptr : get_base();
  if (base == nullptr) return tl::unexpected(std::string("it is another library than ONNX Runtime"));
  const std::string version = base->GetVersionString();
  unsigned major = 0, minor = 0;
  // GetApi prints a complaint when it is asked for more than it has, so it must not be.
  if (std::sscanf(version.c_str(), "%u.%u", &major, &minor) != 2 || major != 1 || minor < kApiVersion)
    return tl::unexpected(
        fmt::format("it is ONNX Runtime {}, and ViBa needs 1.{} or a later 1.x", version, kApiVersion));
  return Loaded{base->GetApi(kApiVersion), version};
}

OrtStatus* add_bounded_allocator(const OrtApi& api, OrtEnv* env) {
  constexpr const char* kKey = "max_mem";
  constexpr std::size_t kMost = std::size_t{1} << 30;
  OrtArenaCfg* arena = nullptr;
  if (OrtStatus* status = api.CreateArenaCfgV2(&kKey, &kMost, 1, &arena)) return status;
  const OrtHandle<OrtArenaCfg> arena_owner(arena, api.ReleaseArenaCfg);
  OrtMemoryInfo* memory = nullptr;
  if (OrtStatus* status = api.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory)) return status;
  const OrtHandle<OrtMemoryInfo> memory_owner(memory, api.ReleaseMemoryInfo);
  OrtStatus* status = api.CreateAndRegisterAllocator(env, memory, arena);
  // All environments of a process are one to the runtime, and an earlier one may have it already.
  if (status == nullptr || api.GetErrorCode(status) != ORT_INVALID_ARGUMENT) return status;
  api.ReleaseStatus(status);
  return nullptr;
}

tl::expected<OrtEnv*, std::string> create_env(const OrtApi& api) {
  OrtEnv* env = nullptr;
  auto bad = complaint(api, api.CreateEnvWithCustomLogger(say_nothing, nullptr, ORT_LOGGING_LEVEL_FATAL, "viba", &env));
  if (!bad.empty()) return tl::unexpected(std::move(bad));
  // Builds of the makers' own would report each session to them. That an environment was made, they have begun to
  // report by now: against that there is only a variable, which is for the program to set.
  bad = complaint(api, api.DisableTelemetryEvents(env));
  if (bad.empty()) bad = complaint(api, add_bounded_allocator(api, env));
  if (bad.empty()) return env;
  api.ReleaseEnv(env);
  return tl::unexpected(std::move(bad));
}

tl::unexpected<Error> not_found(const std::vector<std::string>& candidates) {
  std::string places;
  for (const auto& file : candidates) {
    std::error_code error;
    if (!file.starts_with('/')) continue;
    if (std::filesystem::exists(file, error))
      return fail(ErrorCode::kNotFound,
                  fmt::format("ONNX Runtime, which runs the neural network, could not be loaded: {} is damaged, older "
                              "than 1.{}, or made for another kind of machine; delete it and run ./scripts/run, or "
                              "install libonnxruntime.",
                              file, kApiVersion));
    places += file + ", ";
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("ONNX Runtime, which runs the neural network, was not found (looked for {}and libonnxruntime "
                          "in the system's library folders); run ./scripts/run, or install libonnxruntime.",
                          places));
}

}  // namespace

std::vector<std::string> onnx_runtime_candidates() {
  std::vector<std::string> files;
  for (const auto& dir : private_library_dirs()) files.push_back(dir + "/libonnxruntime.so.1");
  files.emplace_back("libonnxruntime.so.1");
  for (int minor = kNewestMinorRelease; minor >= static_cast<int>(kApiVersion); --minor)
    files.push_back(fmt::format("libonnxruntime.so.1.{}", minor));
  files.emplace_back("libonnxruntime.so");
  return files;
}

Result<std::shared_ptr<const OnnxRuntime>> OnnxRuntime::load(const std::vector<std::string>& candidates) {
  for (const auto& file : candidates)
    if (auto runtime = start(file)) return *runtime;
  return not_found(candidates);
}

Result<std::shared_ptr<const OnnxRuntime>> OnnxRuntime::load_file(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error))
    return fail(ErrorCode::kNotFound, fmt::format("--ort-library {}: there is no such file.", file));
  if (!std::filesystem::is_regular_file(file, error))
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("--ort-library {}: it is no file; give that of ONNX Runtime, e.g. libonnxruntime.so.1.", file));
  // Without a slash the loader would look elsewhere for it.
  auto runtime = start(std::filesystem::absolute(file).string());
  if (runtime) return *runtime;
  return fail(ErrorCode::kUnsupported, fmt::format("--ort-library {}: {}.", file, runtime.error()));
}

tl::expected<std::shared_ptr<const OnnxRuntime>, std::string> OnnxRuntime::start(const std::string& file) {
  auto library = load_library(file);
  if (!library) return tl::unexpected(std::move(library).error());
  auto env = create_env(*library->api);
  if (!env) return tl::unexpected(fmt::format("ONNX Runtime does not start ({})", env.error()));
  return std::shared_ptr<const OnnxRuntime>(new OnnxRuntime(library->api, *env, std::move(library->version), file));
}

OnnxRuntime::OnnxRuntime(const OrtApi* api, OrtEnv* env, std::string version, std::string path)
    : api_(api), env_(env), version_(std::move(version)), path_(std::move(path)) {}

bool OnnxRuntime::has_provider(std::string_view name) const {
  char** names = nullptr;
  int count = 0;
  if (!complaint(*api_, api_->GetAvailableProviders(&names, &count)).empty()) return false;
  const bool found = std::find(names, names + count, name) != names + count;
  (void)complaint(*api_, api_->ReleaseAvailableProviders(names, count));
  return found;
}

OnnxRuntime::~OnnxRuntime() { api_->ReleaseEnv(env_); }

}  // namespace viba
