#pragma once

#include <memory>
#include <span>
#include <string>

#include <viba/frame.h>
#include <viba/options.h>
#include <viba/result.h>

#include "segment/model_table.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_session.h"

namespace viba {

/// A network that takes one RGB picture and gives one map of numbers, without anything around it:
/// no scaling, no check of what it says.
/// Thread-safety: none.
class Network {
 public:
  /// Of a .tflite file. Errors, each naming the file: kNotFound, kPermission, kBadData, kUnsupported
  /// (also a network of other inputs or outputs than this class is for).
  [[nodiscard]] static Result<Network> load(const std::string& path, const Engine& engine);

  /// Of a graph that was made from `file`. Errors: as `load`.
  [[nodiscard]] static Result<Network> create(onnx::Graph graph, const std::string& file, const Engine& engine,
                                              OnnxSessionSettings settings = {});

  [[nodiscard]] Size input_size() const { return input_size_; }
  [[nodiscard]] Size output_size() const { return output_size_; }
  /// Whether what comes out is a sigmoid's, and so a confidence.
  [[nodiscard]] bool ends_in_sigmoid() const { return ends_in_sigmoid_; }

  /// What the next run reads: three planes, red first, of the input's size, row by row.
  [[nodiscard]] std::span<float> input() { return session_.input_values(0); }
  /// One plane of the output's size, valid until the next run. Errors: kInference.
  [[nodiscard]] Result<std::span<const float>> run();

 private:
  Network(OnnxSession session, Size input_size, Size output_size, bool ends_in_sigmoid)
      : session_(std::move(session)),
        input_size_(input_size),
        output_size_(output_size),
        ends_in_sigmoid_(ends_in_sigmoid) {}

  OnnxSession session_;
  Size input_size_, output_size_;
  bool ends_in_sigmoid_;
};

}  // namespace viba
