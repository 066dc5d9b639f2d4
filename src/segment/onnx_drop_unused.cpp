#include <unordered_set>

#include "onnx_subset.pb.h"
#include "segment/onnx_rewrites.h"

namespace viba::onnx {
namespace {

template <class List, class Keep>
void keep_if(List& list, Keep keep) {
  int kept = 0;
  for (int i = 0; i < list.size(); ++i)
    if (keep(list.Get(i))) list.SwapElements(i, kept++);
  list.DeleteSubrange(kept, list.size() - kept);
}

}  // namespace

void drop_unused(Graph& graph) {
  std::unordered_set<std::string> used;
  for (const auto& output : graph.output()) used.insert(output.name());
  for (int i = graph.node_size(); i-- > 0;)
    if (used.contains(graph.node(i).output(0)))
      for (const auto& input : graph.node(i).input()) used.insert(input);
  const auto is_used = [&used](const auto& value) { return used.contains(value.name()); };
  keep_if(*graph.mutable_node(), [&used](const Node& node) { return used.contains(node.output(0)); });
  keep_if(*graph.mutable_initializer(), is_used);
  keep_if(*graph.mutable_value_info(), is_used);
}

}  // namespace viba::onnx
