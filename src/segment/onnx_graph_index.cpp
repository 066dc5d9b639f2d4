#include "segment/onnx_graph_index.h"

#include <algorithm>

#include "onnx_subset.pb.h"

namespace viba::onnx {
namespace {

Shape shape_of(const ValueInfo& info) {
  Shape shape;
  for (const auto& side : info.type().tensor_type().shape().dim()) shape.push_back(side.dim_value());
  return shape;
}

template <class Value>
Value found_or(const std::unordered_map<std::string, Value>& map, const std::string& key, Value otherwise) {
  const auto found = map.find(key);
  return found == map.end() ? otherwise : found->second;
}

}  // namespace

GraphIndex::GraphIndex(const Graph& graph) {
  for (const auto* infos : {&graph.input(), &graph.output(), &graph.value_info()})
    for (const auto& info : *infos) shapes_[info.name()] = onnx::shape_of(info);
  for (const auto& tensor : graph.initializer()) {
    shapes_[tensor.name()] = Shape(tensor.dims().begin(), tensor.dims().end());
    constants_[tensor.name()] = &tensor;
  }
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const auto& output : graph.node(i).output()) producers_[output] = i;
    for (const auto& input : graph.node(i).input()) ++uses_[input];
  }
  for (const auto& output : graph.output()) ++uses_[output.name()];
}

Shape GraphIndex::shape_of(const std::string& value) const { return found_or(shapes_, value, Shape{}); }
int GraphIndex::producer_of(const std::string& value) const { return found_or(producers_, value, -1); }
int GraphIndex::uses_of(const std::string& value) const { return found_or(uses_, value, 0); }
const Tensor* GraphIndex::constant(const std::string& value) const {
  return found_or<const Tensor*>(constants_, value, nullptr);
}

const Attribute* find_attribute(const Node& node, std::string_view name) {
  for (const auto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

bool all_are(const Node& node, std::string_view attribute, std::int64_t value) {
  const Attribute* found = find_attribute(node, attribute);
  if (found == nullptr) return true;
  if (found->type() == Attribute::INT) return found->i() == value;
  return std::all_of(found->ints().begin(), found->ints().end(), [value](std::int64_t x) { return x == value; });
}

bool says(const Node& node, std::string_view attribute, std::string_view text) {
  const Attribute* found = find_attribute(node, attribute);
  return found != nullptr && found->s() == text;
}

}  // namespace viba::onnx
