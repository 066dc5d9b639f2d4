#include "segment/onnx_cost.h"

#include <algorithm>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_index.h"

namespace viba::onnx {
namespace {

double product(const Shape& shape) {
  double result = 1;
  for (const auto side : shape) result *= static_cast<double>(std::max<std::int64_t>(side, 0));
  return result;
}

bool is_convolution(const Node& node) {
  return (node.op_type() == "Conv" || node.op_type() == "ConvTranspose") && node.input_size() > 1 &&
         node.output_size() > 0;
}

/// Of a convolution each output takes one filter; of a transposed one each input does. 0: unknown.
double cost_of(const Node& node, const GraphIndex& index) {
  const bool transposed = node.op_type() == "ConvTranspose";
  const Shape filter = index.shape_of(node.input(1));
  const Shape picture = index.shape_of(transposed ? node.input(0) : node.output(0));
  if (filter.empty() || picture.empty() || filter[0] < 1) return 0;
  return product(picture) * product(filter) / static_cast<double>(filter[0]);
}

}  // namespace

double million_multiply_adds(const Graph& graph) {
  const GraphIndex index(graph);
  double sum = 0;
  for (const Node& node : graph.node()) {
    if (!is_convolution(node)) continue;
    const double cost = cost_of(node, index);
    if (cost == 0) return 0;
    sum += cost;
  }
  return sum / 1e6;
}

}  // namespace viba::onnx
