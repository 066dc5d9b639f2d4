#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <viba/result.h>

#include "segment/onnx_graph_builder.h"
#include "segment/tflite_model.h"

namespace viba::tflite {

/// A computed picture of batch 1: its ONNX value and its size.
struct Image {
  std::string value;
  std::int64_t height = 1, width = 1, channels = 1;
  [[nodiscard]] onnx::Shape shape() const { return {1, channels, height, width}; }
  [[nodiscard]] bool same_size(const Image& other) const { return shape() == other.shape(); }
};

/// A constant of rank 4 or 1 (then the sides left out are 1).
struct Weights {
  std::array<std::int64_t, 4> shape{1, 1, 1, 1};
  std::vector<float> values;
};

/// What is known of each tensor while operators are translated one after another.
struct TensorState {
  std::string value;                 ///< the ONNX value that stands for it, once there is one
  std::optional<int> same_constant;  ///< the constant tensor that it equals, once that was found out
};

/// What is known while operators are translated one after another.
struct ImportState {
  std::vector<TensorState> tensors;
  std::int64_t constants_left = std::int64_t{1} << 26;  ///< how many constant numbers may still be added
};

/// One operator while it is being translated. The first refusal sticks: afterwards accessors give
/// harmless values of size 1, so that a translation may read all it needs and ask `ok` once.
class OperatorContext {
 public:
  OperatorContext(const ModelView& model, const OperatorView& op, ImportState& state, onnx::GraphBuilder& builder)
      : model_(model), op_(op), state_(state), builder_(builder) {}

  /// Says in `why` what is wrong, as in "its stride is not positive".
  void refuse(std::string_view why, ErrorCode code = ErrorCode::kUnsupported);
  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] const Operator& raw() const { return *op_.raw; }
  [[nodiscard]] Image input(std::size_t slot);
  [[nodiscard]] bool has_input(std::size_t slot) const { return slot < op_.inputs.size() && op_.inputs[slot] >= 0; }
  [[nodiscard]] Weights weights(std::size_t slot);
  [[nodiscard]] std::vector<std::int32_t> integers(std::size_t slot);
  /// The one output, as the file declares it.
  [[nodiscard]] Image output();
  /// Refuses when `output` is not of the size that the operator really makes.
  void expect(const Image& output, std::int64_t height, std::int64_t width, std::int64_t channels);

  /// The output equals the constant in `slot`, which is left as it is stored until it is used.
  void forward_constant(std::size_t slot);
  /// Adds a constant beside the output and gives its name. Refuses when they become too many: operators
  /// may share weights in the file, but each has a copy here.
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<float>& values);
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<std::int64_t>& values);
  /// Adds a value on the way to the output and gives its name.
  std::string add_step(std::string_view suffix, std::string_view op_type, const std::vector<std::string>& inputs,
                       const onnx::Shape& shape, const onnx::Attributes& attributes = {});
  /// Adds the node that makes the output.
  void finish(std::string_view op_type, const std::vector<std::string>& inputs, const Image& output,
              const onnx::Attributes& attributes = {});

 private:
  /// The tensor in that slot, or null after a refusal.
  const TensorView* tensor(const std::vector<int>& slots, std::size_t slot);
  const TensorView* constant(std::size_t slot);
  [[nodiscard]] std::string output_name() const;

  const ModelView& model_;
  const OperatorView& op_;
  ImportState& state_;
  onnx::GraphBuilder& builder_;
  std::optional<Error> error_;
};

/// Errors: as `import_model`.
[[nodiscard]] Result<void> translate(OperatorContext& context, const OperatorView& op);

}  // namespace viba::tflite
