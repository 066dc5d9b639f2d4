#include <fstream>
#include <string>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tflite_importer.h"
#include "segment/tflite_model.h"

/// Makes an .onnx file of a .tflite one, as a seed. Usage: make_onnx_seed MODEL.tflite SEED.onnx
int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto model = viba::tflite::read_model(argv[1]);
  viba::onnx::Graph graph;
  if (!model || !viba::tflite::import_model(*model, graph)) return 1;
  std::ofstream(argv[2], std::ios::binary) << viba::onnx::serialize(std::move(graph));
  return 0;
}
