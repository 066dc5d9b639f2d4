#pragma once

#include <viba/result.h>

#include "segment/tflite_model.h"

namespace viba::onnx {
class Graph;
}

namespace viba::tflite {

/// Fills `graph` with the same network as `model`. The pictures of TensorFlow Lite have their
/// channels innermost; in ONNX every value becomes planar (N, C, H, W), inputs and outputs included.
/// A value is called after its tensor: t7 is tensor 7. 16-bit weights become 32-bit floats.
/// Errors: kUnsupported, naming operator, tensor and file, for what cannot be translated; kBadData
/// for sizes that contradict each other.
[[nodiscard]] Result<void> import_model(const ModelView& model, onnx::Graph& graph);

}  // namespace viba::tflite
