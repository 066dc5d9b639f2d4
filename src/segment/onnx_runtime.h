#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <viba/result.h>

struct OrtApi;
struct OrtEnv;

namespace viba {

/// The file names to try for the runtime, best first: the private ones of this installation, then
/// those that the system's loader knows.
[[nodiscard]] std::vector<std::string> onnx_runtime_candidates();

/// ONNX Runtime, loaded when it is first needed: its symbols carry their release, so a program that
/// links one release does not start with another. It stays loaded until the process ends, and it
/// never prints. All sessions share one allocator for the CPU's memory, which gives 1 GiB at most:
/// what asks for more is a damaged or hostile model.
/// Thread-safety: all members may be called from any thread.
class OnnxRuntime {
 public:
  /// Takes the first candidate that loads and speaks a version of the interface that ViBa knows.
  /// Errors: kNotFound, saying where it looked and how to get it.
  [[nodiscard]] static Result<std::shared_ptr<const OnnxRuntime>> load(const std::vector<std::string>& candidates);

  /// The one in `file`, and no other. Errors: kNotFound (no such file), kUnsupported (it does not load, is
  /// another library, or is too old), each naming the file and --ort-library.
  [[nodiscard]] static Result<std::shared_ptr<const OnnxRuntime>> load_file(const std::string& file);

  ~OnnxRuntime();
  OnnxRuntime(const OnnxRuntime&) = delete;
  OnnxRuntime& operator=(const OnnxRuntime&) = delete;

  [[nodiscard]] const OrtApi& api() const { return *api_; }
  [[nodiscard]] OrtEnv* env() const { return env_; }
  [[nodiscard]] const std::string& version() const { return version_; }  ///< "1.29.0"
  [[nodiscard]] const std::string& path() const { return path_; }        ///< as it was given to the loader
  /// Whether this build of it knows an execution provider, e.g. "CUDAExecutionProvider".
  [[nodiscard]] bool has_provider(std::string_view name) const;

 private:
  /// The error says why `file` does not do, as in "it is …".
  [[nodiscard]] static tl::expected<std::shared_ptr<const OnnxRuntime>, std::string> start(const std::string& file);
  OnnxRuntime(const OrtApi* api, OrtEnv* env, std::string version, std::string path);

  const OrtApi* api_;
  OrtEnv* env_;
  std::string version_;
  std::string path_;
};

}  // namespace viba
