#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tfjs_file_builder.h"
#include "segment/tfjs_importer.h"

namespace viba::test {

/// Numbers in the order of TensorFlow, channels innermost.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;
  [[nodiscard]] float at(std::int64_t y, std::int64_t x, std::int64_t c) const {
    return values.at(static_cast<std::size_t>((y * shape[2] + x) * shape[3] + c));
  }
};

/// Without a pattern, the same each time.
inline Tensor noise_tensor(const std::vector<std::int64_t>& shape, float seed = 1) {
  std::size_t count = 1;
  for (const auto side : shape) count *= static_cast<std::size_t>(side);
  Tensor tensor{shape, std::vector<float>(count)};
  for (std::size_t i = 0; i < count; ++i) tensor.values[i] = std::sin(seed + static_cast<float>(i) * 12.9898F);
  return tensor;
}

/// Where the ONNX value has the number that lies at `place` in TensorFlow's order.
inline std::size_t planar_place(std::size_t place, std::size_t channels, std::size_t count) {
  return place % channels * (count / channels) + place / channels;
}

inline onnx::Graph imported_graph(const TfjsFileBuilder& file, const tfjs::ImportSettings& settings) {
  onnx::Graph graph;
  const auto model = file.read();
  EXPECT_TRUE(model) << model.error().message;
  const auto done = model ? tfjs::import_model(*model, settings, graph) : tl::unexpected(model.error());
  EXPECT_TRUE(done) << done.error().message;
  return done ? graph : onnx::Graph();
}

/// Why the model cannot be imported; an empty message when it can.
inline Error import_error(const TfjsFileBuilder& file, const tfjs::ImportSettings& settings) {
  const auto model = file.read();
  if (!model) return model.error();
  onnx::Graph graph;
  const auto done = tfjs::import_model(*model, settings, graph);
  return done ? Error{ErrorCode::kInternal, ""} : done.error();
}

/// A network that is fed and read in the order of TensorFlow.
class TfjsNetwork {
 public:
  explicit TfjsNetwork(const onnx::Graph& graph)
      : session_(OnnxSession::create(shared_engine(), onnx::serialize(graph), "small.json")) {
    EXPECT_TRUE(session_) << session_.error().message;
  }

  std::vector<Tensor> run(const std::vector<Tensor>& inputs) {
    if (!session_ || session_->inputs().size() != inputs.size()) {
      ADD_FAILURE() << "no such inputs";
      return {};
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto into = session_->input_values(i);
      EXPECT_EQ(into.size(), inputs[i].values.size());
      const auto channels = static_cast<std::size_t>(inputs[i].shape[3]);
      for (std::size_t j = 0; j < into.size(); ++j) into[planar_place(j, channels, into.size())] = inputs[i].values[j];
    }
    const auto done = session_->run();
    EXPECT_TRUE(done) << done.error().message;
    std::vector<Tensor> outputs;
    for (const OnnxTensor& output : session_->outputs()) {
      const auto& shape = output.shape;
      Tensor& tensor = outputs.emplace_back(Tensor{{shape[0], shape[2], shape[3], shape[1]}, output.values});
      const auto channels = static_cast<std::size_t>(shape[1]);
      for (std::size_t j = 0; j < tensor.values.size(); ++j)
        tensor.values[j] = output.values[planar_place(j, channels, tensor.values.size())];
    }
    return outputs;
  }

 private:
  Result<OnnxSession> session_;
};

/// Feeds the placeholder "in" and gives the output "out".
inline Tensor run_small(const TfjsFileBuilder& file, const Tensor& in) {
  auto outputs = TfjsNetwork(imported_graph(file, {.inputs = {{"in", in.shape}}, .outputs = {"out"}})).run({in});
  return outputs.empty() ? Tensor{} : std::move(outputs[0]);
}

}  // namespace viba::test
