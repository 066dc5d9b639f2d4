#include "segment/onnx_graph_builder.h"

#include "onnx_subset.pb.h"

namespace viba::onnx {
namespace {

constexpr int kOperatorSet = 13;  ///< all that is emitted is in it, and every runtime in use knows it
constexpr int kFormatVersion = 7;

void describe(ValueInfo& info, const std::string& name, const Shape& shape) {
  info.set_name(name);
  auto& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(Tensor::FLOAT);
  for (const auto side : shape) type.mutable_shape()->add_dim()->set_dim_value(side);
}

template <class T>
void fill(onnx::Tensor& tensor, Tensor::DataType type, const std::string& name, const Shape& shape,
          std::span<const T> values) {
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  tensor.set_raw_data(values.data(), values.size_bytes());
}

struct AttributeSetter {
  Attribute& attribute;
  void operator()(std::int64_t value) const {
    attribute.set_type(Attribute::INT);
    attribute.set_i(value);
  }
  void operator()(float value) const {
    attribute.set_type(Attribute::FLOAT);
    attribute.set_f(value);
  }
  void operator()(const std::string& value) const {
    attribute.set_type(Attribute::STRING);
    attribute.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    attribute.set_type(Attribute::INTS);
    attribute.mutable_ints()->Add(values.begin(), values.end());
  }
  void operator()(const std::vector<float>& values) const {
    attribute.set_type(Attribute::FLOATS);
    attribute.mutable_floats()->Add(values.begin(), values.end());
  }
};

}  // namespace

void GraphBuilder::add_input(const std::string& name, const Shape& shape) {
  describe(*graph_.add_input(), name, shape);
}

void GraphBuilder::add_output(const std::string& name, const Shape& shape) {
  describe(*graph_.add_output(), name, shape);
}

void GraphBuilder::add_constant(const std::string& name, const Shape& shape, std::span<const float> values) {
  fill(*graph_.add_initializer(), Tensor::FLOAT, name, shape, values);
}

void GraphBuilder::add_constant(const std::string& name, const Shape& shape, std::span<const std::int64_t> values) {
  fill(*graph_.add_initializer(), Tensor::INT64, name, shape, values);
}

Node& GraphBuilder::add_node(std::string_view op_type, const std::vector<std::string>& inputs,
                             const std::string& output, const Shape& shape, const Attributes& attributes) {
  Node& node = *graph_.add_node();
  node.set_op_type(std::string(op_type));
  node.set_name(output);
  for (const auto& input : inputs) node.add_input(input);
  node.add_output(output);
  for (const auto& [name, value] : attributes) {
    Attribute& attribute = *node.add_attribute();
    attribute.set_name(name);
    std::visit(AttributeSetter{attribute}, value);
  }
  describe(*graph_.add_value_info(), output, shape);
  return node;
}

std::string serialize(Graph graph) {
  Model model;
  model.set_ir_version(kFormatVersion);
  model.set_producer_name("viba");
  model.add_opset_import()->set_version(kOperatorSet);
  graph.set_name("viba");
  *model.mutable_graph() = std::move(graph);
  return model.SerializeAsString();
}

}  // namespace viba::onnx
