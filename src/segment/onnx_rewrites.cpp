#include "segment/onnx_rewrites.h"

namespace viba::onnx {

int rewrite(Graph& graph) {
  int changed = use_hard_sigmoid(graph);
  changed += swap_resize_and_conv(graph);
  changed += expand_channel_scales(graph);
  return changed;
}

}  // namespace viba::onnx
