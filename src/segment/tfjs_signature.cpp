#include <algorithm>
#include <unordered_set>

#include "segment/tfjs_model.h"

namespace viba::tfjs {
namespace {

Port placeholder_port(const Node& node, const std::vector<Port>& stated) {
  Port port{.name = node.name, .shape = {}, .shape_known = false};
  if (const auto found = std::ranges::find(stated, node.name, &Port::name); found != stated.end())
    port.label = found->label;
  if (const auto shape = node.attributes.find("shape"); shape != node.attributes.end() && shape->second.shape_known) {
    port.shape_known = true;
    port.shape = shape->second.numbers;
  }
  return port;
}

bool computes(const Node& node) { return node.op != "Const" && node.op != "Placeholder" && node.op != "NoOp"; }

}  // namespace

Signature signature_of(const Model& model) {
  Signature signature{.inputs = {}, .outputs = model.stated.outputs};
  std::unordered_set<std::string> consumed;
  for (const Node& node : model.nodes) {
    if (node.op == "Placeholder") signature.inputs.push_back(placeholder_port(node, model.stated.inputs));
    for (const auto& input : node.inputs) consumed.insert(node_of_output(input));
  }
  if (!signature.outputs.empty()) return signature;
  for (const Node& node : model.nodes)
    if (computes(node) && !consumed.contains(node.name))
      signature.outputs.push_back({.name = node.name, .shape = {}, .shape_known = false});
  return signature;
}

}  // namespace viba::tfjs
