#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"

namespace viba::test {

/// Makes small ONNX files, right ones and wrong ones.
class OnnxFileBuilder {
 public:
  [[nodiscard]] onnx::GraphBuilder builder() { return onnx::GraphBuilder(graph); }

  /// Sides of 0 become free.
  void free_sides() {
    for (auto* infos : {graph.mutable_input(), graph.mutable_output(), graph.mutable_value_info()})
      for (auto& info : *infos)
        for (auto& side : *info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim())
          if (side.dim_value() == 0) side.set_dim_param("side");
  }

  [[nodiscard]] std::vector<std::uint8_t> bytes() const {
    const std::string text = onnx::serialize(graph);
    return {text.begin(), text.end()};
  }

  onnx::Graph graph;
};

}  // namespace viba::test
