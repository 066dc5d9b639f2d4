#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <viba/result.h>

#include "segment/onnx_graph_builder.h"
#include "segment/tfjs_fold.h"
#include "segment/tfjs_importer.h"
#include "segment/tfjs_model.h"

namespace viba::tfjs {

/// Where ONNX has the axes of TensorFlow's pictures.
constexpr std::array<std::int64_t, 4> kPlanar{0, 2, 3, 1};

/// A computed picture of batch 1: its ONNX value and its size.
struct Image {
  std::string value;
  std::int64_t height = 1, width = 1, channels = 1;
  [[nodiscard]] onnx::Shape shape() const { return {1, channels, height, width}; }
  [[nodiscard]] std::int64_t elements() const { return channels * height * width; }
};

/// A picture whose pixels are dealt out to several small ones, as TensorFlow writes it for dilated
/// convolutions: deal out, convolve, put together again. Nothing is emitted before the last of the three.
struct Dealt {
  const Node* deal = nullptr;           ///< the node that does it
  const Node* convolution = nullptr;    ///< what the small pictures went through; null when nothing yet
  std::array<std::int64_t, 2> block{};  ///< that many pictures down and across
  std::array<std::int64_t, 4> added{};  ///< pixels on both ends before: top, bottom, left, right
};

/// What an output of a node is: one of these.
struct Value {
  Image image{};                      ///< when it has a value
  const Weights* constant = nullptr;  ///< numbers that are known already
  std::optional<Dealt> dealt{};
  bool dead = false;  ///< on the branch that is not taken
};

/// What is known while nodes are translated one after another.
struct ImportState {
  const Model& model;
  const ImportSettings& settings;
  onnx::GraphBuilder& builder;
  std::unordered_map<std::string, Value> values{};      ///< by output: "name", or "name:1" for the second
  std::deque<Weights> folded{};                         ///< constants that the file does not hold
  std::int64_t constants_left = std::int64_t{1} << 26;  ///< how many constant numbers may still be added
};

/// One node while it is being translated. The first refusal sticks: afterwards accessors give
/// harmless values of size 1, so that a translation may read all it needs and ask `ok` once.
class OperatorContext {
 public:
  /// `value_name` is what the result is called in ONNX.
  OperatorContext(ImportState& state, const Node& node, std::string value_name)
      : state_(state), node_(node), value_name_(std::move(value_name)) {}

  /// Says in `why` what is wrong, as in "its stride is not positive".
  void refuse(std::string_view why, ErrorCode code = ErrorCode::kUnsupported);
  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

  [[nodiscard]] const Node& node() const { return node_; }
  [[nodiscard]] ImportState& state() { return state_; }
  [[nodiscard]] const std::string& value_name() const { return value_name_; }
  [[nodiscard]] std::size_t input_count() const { return node_.inputs.size(); }
  [[nodiscard]] bool is_constant(std::size_t slot);
  [[nodiscard]] Image image(std::size_t slot);
  [[nodiscard]] const Value& value(std::size_t slot);
  /// Never null.
  [[nodiscard]] const Weights* constant(std::size_t slot);
  /// Floats of at most 4 dimensions; sides left out in front are 1.
  struct Floats {
    std::array<std::int64_t, 4> shape{1, 1, 1, 1};
    const std::vector<float>* values = nullptr;
    std::size_t rank = 0;
  };
  [[nodiscard]] Floats floats(std::size_t slot);
  [[nodiscard]] std::vector<std::int64_t> integers(std::size_t slot);
  /// A single whole number.
  [[nodiscard]] std::int64_t integer(std::size_t slot);
  /// Of a constant or a picture, as TensorFlow sees it.
  [[nodiscard]] Shape shape(std::size_t slot);
  /// The place of the axis `wanted`, which may be counted from the back.
  [[nodiscard]] std::size_t axis(std::int64_t wanted, std::size_t rank);
  /// Empty when the node has no such attribute.
  [[nodiscard]] std::vector<std::int64_t> numbers(std::string_view attribute) const;
  [[nodiscard]] std::int64_t number(std::string_view attribute, std::int64_t otherwise) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view attribute) const;
  [[nodiscard]] std::string type(std::string_view attribute) const;

  /// A picture of that size with the name that the node's result has; `output` counts from 0.
  [[nodiscard]] Image result(std::int64_t height, std::int64_t width, std::int64_t channels,
                             std::size_t output = 0) const;
  /// Adds a constant beside the result and gives its name. Refuses when they become too many: nodes
  /// may share weights in the file, but each has a copy here.
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<float>& values);
  std::string add_constant(std::string_view suffix, const onnx::Shape& shape, const std::vector<std::int64_t>& values);
  /// Adds a value on the way to the result and gives its name.
  std::string add_step(std::string_view suffix, std::string_view op_type, const std::vector<std::string>& inputs,
                       const Image& like, const onnx::Attributes& attributes = {});
  /// Adds the node that makes an output. Refuses a size that is none, or too large.
  void finish(std::string_view op_type, const std::vector<std::string>& inputs, const Image& result,
              const onnx::Attributes& attributes = {}, std::size_t output = 0);
  /// Without a node: the output is `value`.
  void finish(Value value, std::size_t output = 0);
  /// The output is a constant of `count` numbers, which `fold` works out unless they are too many.
  void finish_folded(std::int64_t count, const std::function<Folded()>& fold, std::size_t output = 0);
  /// Hands on what went wrong in another context.
  void adopt(const std::optional<Error>& error) {
    if (!error_) error_ = error;
  }

 private:
  [[nodiscard]] bool fits(const Image& image);
  [[nodiscard]] bool affords(std::int64_t numbers);

  ImportState& state_;
  const Node& node_;
  std::string value_name_;
  std::optional<Error> error_;
};

/// Errors: as `import_model`.
[[nodiscard]] Result<void> translate(OperatorContext& context);

/// Translates one operator.
using Translation = void (*)(OperatorContext& context);

/// Null when `op` is not in the table.
template <std::size_t kCount>
Translation find_in(const std::pair<std::string_view, Translation> (&table)[kCount], std::string_view op) {
  for (const auto& [name, translation] : table)
    if (name == op) return translation;
  return nullptr;
}

/// Those of each topic; null when `op` is none of them.
[[nodiscard]] Translation find_window_operator(std::string_view op);
[[nodiscard]] Translation find_picture_operator(std::string_view op);
[[nodiscard]] Translation find_cut_operator(std::string_view op);
[[nodiscard]] Translation find_shape_operator(std::string_view op);
[[nodiscard]] Translation find_flow_operator(std::string_view op);

/// Refuses a node whose pictures do not have their channels innermost.
void expect_channels_last(OperatorContext& context);
/// One side of an operator that joins: a picture, or a constant turned to the order of pictures.
[[nodiscard]] Image operand(OperatorContext& context, std::size_t slot);

}  // namespace viba::tfjs
