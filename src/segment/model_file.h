#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <viba/result.h>

#include "segment/onnx_session.h"
#include "segment/signature.h"

namespace viba {

/// For which inputs and outputs a network is made of a model file.
struct NetworkPlan {
  std::vector<Port> inputs;              ///< with every side fixed, in the file's own order of axes
  std::map<std::string, float> numbers;  ///< inputs that take a single number, which stays
  std::vector<std::string> outputs;
};

struct ReadyNetwork {
  OnnxSession session;
  double million_multiply_adds = 0;  ///< 0: unknown
};

/// A model file that has been read and checked, whatever its format.
/// Thread-safety: members may be called from several threads.
class ModelFile {
 public:
  virtual ~ModelFile() = default;

  [[nodiscard]] virtual const std::string& path() const = 0;
  [[nodiscard]] virtual const Signature& signature() const = 0;
  /// Whether its sessions have their channels in front (N, C, H, W) although its own have them
  /// innermost (N, H, W, C): so it is with what is imported from TensorFlow's formats.
  [[nodiscard]] virtual bool turned() const = 0;
  /// The operator that an output comes from, in the words of its format; empty when it is unknown.
  [[nodiscard]] virtual std::string maker_of(const std::string& output) const = 0;
  /// Whether there is an operator or node whose name begins so; for telling families of models.
  [[nodiscard]] virtual bool mentions(std::string_view prefix) const = 0;
  /// What shape the plan's first output will have, in the file's own order of axes, where that can be
  /// told without running it; else empty.
  [[nodiscard]] virtual std::vector<std::int64_t> output_shape(const NetworkPlan& /*plan*/) const { return {}; }
  /// Its inputs stand in the order of `plan`, those of `numbers` behind them where they remain; its
  /// outputs as well. Errors: as `OnnxSession::create`, and kUnsupported, naming operator and file, for
  /// what cannot be translated or needs more than 1 GiB.
  [[nodiscard]] virtual Result<ReadyNetwork> network(const NetworkPlan& plan, const Engine& engine) const = 0;
};

/// By its ending: .tflite, .onnx, or .json (a TF.js graph model with its weights beside it).
/// Errors, each naming the file: kUsage (another ending), kNotFound, kPermission, kIo, kBadData
/// (damaged), kUnsupported.
[[nodiscard]] Result<std::unique_ptr<ModelFile>> open_model_file(const std::string& path);

/// Whether that is the name of a model file, or of a folder, rather than of a model.
[[nodiscard]] bool is_model_file(std::string_view name);

/// The model file in a folder that holds one; `path` itself when it is no folder.
/// Errors: kUsage when there is none or more than one, naming them.
[[nodiscard]] Result<std::string> model_file_in(const std::string& path);

}  // namespace viba
