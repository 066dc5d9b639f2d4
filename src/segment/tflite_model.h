#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <viba/result.h>

namespace viba::tflite {

struct Operator;
enum class TensorType : signed char;

struct TensorView {
  std::string name;
  std::vector<int> shape;  ///< every side at least 1
  TensorType type{};
  /// The content of a constant, exactly as long as shape and type say, of any alignment; empty for
  /// what is computed. Points into the file's bytes.
  std::span<const std::uint8_t> data;
};

struct OperatorView {
  std::string name;  ///< CONV_2D, or the name of a custom operator
  bool custom = false;
  std::vector<int> inputs;        ///< indices of tensors; -1 for one that is left out
  std::vector<int> outputs;       ///< indices of tensors
  const Operator* raw = nullptr;  ///< for its options; points into the file's bytes
};

/// A TensorFlow Lite file of which every index, shape and length has been checked.
struct ModelView {
  std::string file;                 ///< its name, for errors
  std::vector<std::uint8_t> bytes;  ///< what the views point into
  std::vector<TensorView> tensors;
  std::vector<OperatorView> operators;  ///< in the order of computation
  std::vector<int> inputs, outputs;
};

/// Errors: kNotFound, kPermission, kIo, and as `check_model`.
[[nodiscard]] Result<ModelView> read_model(const std::string& path);

/// Errors, each naming the file: kBadData (damaged, or no TensorFlow Lite file at all), kUnsupported
/// (a kind of it that ViBa does not read, or one that needs more than 1 GiB).
[[nodiscard]] Result<ModelView> check_model(std::vector<std::uint8_t> bytes, const std::string& file);

}  // namespace viba::tflite
