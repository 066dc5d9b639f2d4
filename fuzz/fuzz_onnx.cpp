#include <cstddef>
#include <cstdint>

#include "properties.h"
#include "segment/onnx_file.h"

/// Any bytes as an .onnx file. It is left as it is, so that there is no network to look at here.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = viba::onnx::check_file({data, data + size}, "model.onnx");
  if (!file) viba::fuzz::check_refusal(file.error());
  return 0;
}
