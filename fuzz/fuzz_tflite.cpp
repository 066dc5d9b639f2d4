#include <cstddef>
#include <cstdint>

#include "onnx_subset.pb.h"
#include "properties.h"
#include "segment/tflite_importer.h"

/// Any bytes as a .tflite file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace viba;
  const auto model = tflite::check_model({data, data + size}, "model.tflite");
  if (!model) {
    fuzz::check_refusal(model.error());
    return 0;
  }
  onnx::Graph graph;
  const auto done = tflite::import_model(*model, graph);
  if (done)
    fuzz::check_network(std::move(graph));
  else
    fuzz::check_refusal(done.error());
  return 0;
}
