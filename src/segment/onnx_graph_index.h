#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "segment/onnx_graph_builder.h"

namespace viba::onnx {

class Attribute;
class Tensor;

/// What a rewrite asks about a graph. It describes the graph as it was at construction.
/// Thread-safety: members may be called from several threads.
class GraphIndex {
 public:
  /// `graph` must outlive the index.
  explicit GraphIndex(const Graph& graph);

  /// Empty when it is not known.
  [[nodiscard]] Shape shape_of(const std::string& value) const;
  /// The place among the graph's nodes of the one that makes `value`; -1 for inputs and constants.
  [[nodiscard]] int producer_of(const std::string& value) const;
  /// How many nodes read it; leaving the graph counts as well.
  [[nodiscard]] int uses_of(const std::string& value) const;
  /// Null when `value` is no constant.
  [[nodiscard]] const Tensor* constant(const std::string& value) const;

 private:
  std::unordered_map<std::string, Shape> shapes_;
  std::unordered_map<std::string, int> producers_;
  std::unordered_map<std::string, int> uses_;
  std::unordered_map<std::string, const Tensor*> constants_;
};

/// Null when the node has none of that name.
[[nodiscard]] const Attribute* find_attribute(const Node& node, std::string_view name);
/// Whether all numbers of the attribute are `value`; an attribute that is left out counts as such.
[[nodiscard]] bool all_are(const Node& node, std::string_view attribute, std::int64_t value);
/// Whether the attribute is there and says `text`.
[[nodiscard]] bool says(const Node& node, std::string_view attribute, std::string_view text);

}  // namespace viba::onnx
