#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <viba/result.h>

#include "segment/onnx_graph_builder.h"
#include "segment/tfjs_importer.h"
#include "segment/tfjs_model.h"

namespace viba::tfjs {

/// A computed picture of batch 1: its ONNX value and its size.
struct Image {
  std::string value;
  std::int64_t height = 1, width = 1, channels = 1;
  [[nodiscard]] onnx::Shape shape() const { return {1, channels, height, width}; }
  [[nodiscard]] std::int64_t elements() const { return channels * height * width; }
};

/// What a node gave: a picture, or a constant of the file.
struct Value {
  Image image;
  const Weights* constant = nullptr;
};

/// What is known while nodes are translated one after another.
struct ImportState {
  const Model& model;
  const ImportSettings& settings;
  onnx::GraphBuilder& builder;
  std::unordered_map<std::string, Value> values;        ///< by the names of their nodes
  std::deque<Weights> folded{};                         ///< constants that the file does not hold
  std::int64_t constants_left = std::int64_t{1} << 27;  ///< how many constant numbers may still be added
};

/// One node while it is being translated. The first refusal sticks: afterwards accessors give
/// harmless values of size 1, so that a translation may read all it needs and ask `ok` once.
class OperatorContext {
 public:
  OperatorContext(ImportState& state, const Node& node, std::size_t place)
      : state_(state), node_(node), value_name_("n" + std::to_string(place)) {}

  /// Says in `why` what is wrong, as in "its stride is not positive".
  void refuse(std::string_view why, ErrorCode code = ErrorCode::kUnsupported);
  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] ImportState& state() { return state_; }
  [[nodiscard]] bool is_constant(std::size_t slot);
  [[nodiscard]] Image image(std::size_t slot);
  [[nodiscard]] const Value& value(std::size_t slot);
  /// Floats of at most 4 dimensions; sides left out in front are 1.
  struct Floats {
    std::array<std::int64_t, 4> shape{1, 1, 1, 1};
    const std::vector<float>* values = nullptr;
    std::size_t rank = 0;
  };
  [[nodiscard]] Floats floats(std::size_t slot);
  [[nodiscard]] std::vector<std::int32_t> integers(std::size_t slot);
  /// Empty when the node has no such attribute.
  [[nodiscard]] std::vector<std::int64_t> numbers(std::string_view attribute) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view attribute) const;

  /// A picture of that size with the name that this node's result has.
  [[nodiscard]] Image result(std::int64_t height, std::int64_t width, std::int64_t channels) const {
    return {value_name_, height, width, channels};
  }
  /// Adds a constant beside the result and gives its name. Refuses when they become too many: nodes
  /// may share weights in the file, but each has a copy here.
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<float>& values);
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<std::int64_t>& values);
  /// Adds a value on the way to the result and gives its name.
  std::string add_step(std::string_view suffix, std::string_view op_type, const std::vector<std::string>& inputs,
                       const Image& like, const onnx::Attributes& attributes = {});
  /// Adds the node that makes the result. Refuses a size that is none, or too large.
  void finish(std::string_view op_type, const std::vector<std::string>& inputs, const Image& result,
              const onnx::Attributes& attributes = {});
  /// Without a node: the result is `value`.
  void finish(Value value) { state_.values[node_.name] = std::move(value); }

 private:
  [[nodiscard]] bool fits(const Image& image);

  ImportState& state_;
  const Node& node_;
  std::string value_name_;
  std::optional<Error> error_;
};

/// Errors: as `import_model`.
[[nodiscard]] Result<void> translate(OperatorContext& context);

}  // namespace viba::tfjs
