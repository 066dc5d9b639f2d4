#pragma once

namespace viba::onnx {

class Graph;

/// How many millions of multiplications with an addition one run of the graph's convolutions takes,
/// which is nearly all of a network's work. 0 when the shapes do not stand in the graph.
[[nodiscard]] double million_multiply_adds(const Graph& graph);

}  // namespace viba::onnx
