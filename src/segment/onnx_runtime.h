#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <viba/result.h>

struct OrtApi;
struct OrtEnv;
struct OrtSession;

namespace viba {

/// The file names to try for the runtime, best first: the private ones of this installation, then
/// those that the system's loader knows.
[[nodiscard]] std::vector<std::string> onnx_runtime_candidates();

/// ONNX Runtime, loaded when it is first needed: its symbols carry their release, so a program that
/// links one release does not start with another. It stays loaded until the process ends, and it
/// never prints.
/// Thread-safety: all members may be called from any thread.
class OnnxRuntime {
 public:
  /// Takes the first candidate that loads and speaks a version of the interface that ViBa knows.
  /// Errors: kNotFound, saying where it looked and how to get it.
  [[nodiscard]] static Result<std::shared_ptr<const OnnxRuntime>> load(const std::vector<std::string>& candidates);

  ~OnnxRuntime();
  OnnxRuntime(const OnnxRuntime&) = delete;
  OnnxRuntime& operator=(const OnnxRuntime&) = delete;

  [[nodiscard]] const OrtApi& api() const { return *api_; }
  [[nodiscard]] OrtEnv* env() const { return env_; }
  [[nodiscard]] const std::string& version() const { return version_; }  ///< "1.29.0"
  [[nodiscard]] const std::string& path() const { return path_; }        ///< as it was given to the loader

 private:
  OnnxRuntime(const OrtApi* api, OrtEnv* env, std::string version, std::string path);

  const OrtApi* api_;
  OrtEnv* env_;
  std::string version_;
  std::string path_;
};

struct OnnxSessionSettings {
  int threads = 1;  ///< 1..: more only pay off for networks of hundreds of millions of operations
};

/// One float tensor of a session, at a fixed address from the session's creation to its end.
struct OnnxTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A network ready to run. All its inputs and outputs are float and of fixed shape; their memory is
/// made once, so that a run allocates nothing here.
/// Thread-safety: none.
class OnnxSession {
 public:
  /// `model` is an ONNX file's content; it is not needed any more afterwards. `name` is for errors.
  /// Errors: kBadData (the runtime refuses the graph), kUnsupported (an input or output that is not
  /// float or not of fixed shape).
  [[nodiscard]] static Result<OnnxSession> create(std::shared_ptr<const OnnxRuntime> runtime, std::string_view model,
                                                  const std::string& name, OnnxSessionSettings settings = {});
  OnnxSession(OnnxSession&&) noexcept;
  OnnxSession& operator=(OnnxSession&&) noexcept;
  ~OnnxSession();

  [[nodiscard]] std::span<const OnnxTensor> inputs() const;
  /// What the next run reads. `index` is one of `inputs()`.
  [[nodiscard]] std::span<float> input_values(std::size_t index);
  /// Their values are those of the last run.
  [[nodiscard]] std::span<const OnnxTensor> outputs() const;
  /// Errors: kInference.
  [[nodiscard]] Result<void> run();

 private:
  struct Impl;
  explicit OnnxSession(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace viba
