#include <array>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"
#include "segment/onnx_rewrites.h"

namespace viba::onnx {
namespace {

bool is_scale_of(const Shape& scale, const Shape& picture) {
  return scale.size() == 4 && picture.size() == 4 && scale[0] == picture[0] && scale[1] == picture[1] &&
         scale[2] == 1 && scale[3] == 1 && picture[2] * picture[3] > 1;
}

/// Which input of a product is one computed number for each channel of the other; -1 when neither.
int scale_input(const Node& node, const GraphIndex& index) {
  if (node.op_type() != "Mul" || node.input_size() != 2) return -1;
  const std::array shapes{index.shape_of(node.input(0)), index.shape_of(node.input(1))};
  for (const int i : {0, 1})
    if (is_scale_of(shapes[static_cast<std::size_t>(i)], shapes[static_cast<std::size_t>(1 - i)]) &&
        index.producer_of(node.input(i)) >= 0)
      return i;
  return -1;
}

}  // namespace

int expand_channel_scales(Graph& graph) {
  const GraphIndex index(graph);
  Graph result;  // only what is new, because weights are too large to be copied
  GraphBuilder builder(result);
  int expanded = 0;
  for (Node& node : *graph.mutable_node()) {
    const int input = scale_input(node, index);
    if (input >= 0) {
      const Shape picture = index.shape_of(node.input(1 - input));
      const std::string factors = node.output(0) + ".factors";
      const std::string scale = node.output(0) + ".scale";
      const std::array<float, 4> values{1, 1, static_cast<float>(picture[2]), static_cast<float>(picture[3])};
      builder.add_constant(factors, {4}, std::span<const float>(values));
      builder.add_node(
          "Resize", {node.input(input), "", factors}, scale, picture,
          {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}});
      node.set_input(input, scale);
      ++expanded;
    }
    result.add_node()->Swap(&node);
  }
  graph.clear_node();
  graph.MergeFrom(result);
  return expanded;
}

}  // namespace viba::onnx
