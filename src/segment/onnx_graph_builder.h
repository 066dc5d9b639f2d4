#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace viba::onnx {

class Graph;
class Node;

using Shape = std::vector<std::int64_t>;
using AttributeValue = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>>;
using Attributes = std::vector<std::pair<std::string, AttributeValue>>;

/// Adds to an ONNX graph. Every value has a name and a known shape, which stands in the graph as
/// well, so that what rewrites the graph later can ask for it.
/// Thread-safety: none.
class GraphBuilder {
 public:
  /// `graph` must outlive the builder.
  explicit GraphBuilder(Graph& graph) : graph_(graph) {}

  void add_input(const std::string& name, const Shape& shape);
  /// `name` must have been given to `add_node`.
  void add_output(const std::string& name, const Shape& shape);

  /// As many values as the shape says.
  void add_constant(const std::string& name, const Shape& shape, std::span<const float> values);
  void add_constant(const std::string& name, const Shape& shape, std::span<const std::int64_t> values);

  /// One output, called `output`. An empty name among the inputs stands for one that is left out.
  Node& add_node(std::string_view op_type, const std::vector<std::string>& inputs, const std::string& output,
                 const Shape& shape, const Attributes& attributes = {});

 private:
  Graph& graph_;
};

/// The bytes of a whole ONNX file around `graph`.
[[nodiscard]] std::string serialize(Graph graph);

}  // namespace viba::onnx
