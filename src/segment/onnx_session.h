#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <viba/result.h>

#include "segment/engine.h"

namespace viba {

struct OnnxSessionSettings {
  int threads = 1;  ///< 1..: more only pay off for networks of hundreds of millions of operations
  /// Names and shapes of all inputs, in the order that is wanted; empty: as they stand in the file.
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> inputs{};
  std::vector<std::string> outputs{};  ///< those that are wanted; empty: all, in the file's order
};

/// One float tensor of a session, at a fixed address from the session's creation to its end.
struct OnnxTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// A network ready to run. All its inputs and wanted outputs are float and keep their shapes; their
/// memory is made once, so that a run allocates nothing here. Inputs are 0 at first.
/// Thread-safety: none.
class OnnxSession {
 public:
  /// `model` is an ONNX file's content; it is not needed any more afterwards. `name` is for errors.
  /// Errors: kBadData (the runtime refuses the graph), kUnsupported (an input or output that is not
  /// float or not of fixed shape).
  [[nodiscard]] static Result<OnnxSession> create(const Engine& engine, std::string_view model, const std::string& name,
                                                  const OnnxSessionSettings& settings = {});
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
