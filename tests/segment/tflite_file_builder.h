#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tflite_generated.h"

namespace viba::test {

/// Makes small .tflite files, right ones and wrong ones.
class TfliteFileBuilder {
 public:
  int add_tensor(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values = {}) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(values.data());
    return add_raw_tensor(name, shape, tflite::TensorType::FLOAT32, {bytes, bytes + values.size() * sizeof(float)});
  }

  int add_raw_tensor(const std::string& name, const std::vector<int>& shape, tflite::TensorType type,
                     const std::vector<std::uint8_t>& bytes) {
    buffers_.push_back(tflite::CreateBuffer(builder_, bytes.empty() ? 0 : builder_.CreateVector(bytes)));
    tensors_.push_back(tflite::CreateTensor(builder_, builder_.CreateVector(shape), type,
                                            static_cast<std::uint32_t>(buffers_.size() - 1),
                                            builder_.CreateString(name)));
    return static_cast<int>(tensors_.size()) - 1;
  }

  template <class Options = tflite::Unread>
  void add_operator(tflite::BuiltinOperator kind, const std::vector<int>& inputs, const std::vector<int>& outputs,
                    tflite::OperatorOptions type = tflite::OperatorOptions::NONE,
                    flatbuffers::Offset<Options> options = 0) {
    add(tflite::CreateOperatorCode(builder_, 0, 0, 1, kind), inputs, outputs, type, options.Union());
  }

  void add_custom_operator(const std::string& name, const std::vector<int>& inputs, const std::vector<int>& outputs,
                           const std::vector<std::uint8_t>& options = {}) {
    add(tflite::CreateOperatorCode(builder_, 0, builder_.CreateString(name), 1, tflite::BuiltinOperator::CUSTOM),
        inputs, outputs, tflite::OperatorOptions::NONE, 0, options);
  }

  std::vector<std::uint8_t> finish(const std::vector<int>& inputs, const std::vector<int>& outputs) {
    const auto graph = tflite::CreateSubGraph(builder_, builder_.CreateVector(tensors_), builder_.CreateVector(inputs),
                                              builder_.CreateVector(outputs), builder_.CreateVector(operators_));
    tflite::FinishModelBuffer(
        builder_, tflite::CreateModel(builder_, 3, builder_.CreateVector(codes_), builder_.CreateVector(&graph, 1), 0,
                                      builder_.CreateVector(buffers_)));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

  flatbuffers::FlatBufferBuilder& raw() { return builder_; }

 private:
  void add(flatbuffers::Offset<tflite::OperatorCode> code, const std::vector<int>& inputs,
           const std::vector<int>& outputs, tflite::OperatorOptions type, flatbuffers::Offset<void> options,
           const std::vector<std::uint8_t>& custom_options = {}) {
    codes_.push_back(code);
    operators_.push_back(tflite::CreateOperator(builder_, static_cast<std::uint32_t>(codes_.size() - 1),
                                                builder_.CreateVector(inputs), builder_.CreateVector(outputs), type,
                                                options, builder_.CreateVector(custom_options)));
  }

  flatbuffers::FlatBufferBuilder builder_;
  std::vector<flatbuffers::Offset<tflite::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<tflite::Tensor>> tensors_;
  std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<tflite::Operator>> operators_;
};

}  // namespace viba::test
