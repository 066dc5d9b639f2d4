#include "segment/onnx_runtime.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <onnxruntime_c_api.h>

#include <cstdio>
#include <filesystem>

#include "base/data_dirs.h"

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

/// Nothing when the file is not there, does not load, or is older than `kApiVersion`. A library that
/// was loaded is kept: the runtime's threads and statics do not survive being unloaded.
Loaded load_library(const std::string& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return {};
  const auto get_base = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(library, "OrtGetApiBase"));
  const OrtApiBase* base = get_base == nullptr ? nullptr : get_base();
  if (base == nullptr) return {};
  const std::string version = base->GetVersionString();
  unsigned major = 0, minor = 0;
  // GetApi prints a complaint when it is asked for more than it has, so it must not be.
  if (std::sscanf(version.c_str(), "%u.%u", &major, &minor) != 2 || major != 1 || minor < kApiVersion) return {};
  return {base->GetApi(kApiVersion), version};
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
  for (const auto& file : candidates) {
    auto [api, version] = load_library(file);
    if (api == nullptr) continue;
    OrtEnv* env = nullptr;
    if (OrtStatus* status =
            api->CreateEnvWithCustomLogger(say_nothing, nullptr, ORT_LOGGING_LEVEL_FATAL, "viba", &env)) {
      api->ReleaseStatus(status);
      continue;
    }
    return std::shared_ptr<const OnnxRuntime>(new OnnxRuntime(api, env, std::move(version), file));
  }
  return not_found(candidates);
}

OnnxRuntime::OnnxRuntime(const OrtApi* api, OrtEnv* env, std::string version, std::string path)
    : api_(api), env_(env), version_(std::move(version)), path_(std::move(path)) {}

OnnxRuntime::~OnnxRuntime() { api_->ReleaseEnv(env_); }

}  // namespace viba
