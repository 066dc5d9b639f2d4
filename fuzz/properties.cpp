#include "properties.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <unordered_set>

#include "onnx_subset.pb.h"
#include "segment/onnx_graph_builder.h"
#include "segment/onnx_rewrites.h"

namespace viba::fuzz {
namespace {

void require(bool holds, const char* what, const std::string& where) {
  if (holds) return;
  std::fprintf(stderr, "Property violated: %s: %s\n", what, where.c_str());
  std::abort();
}

void check_constant(const onnx::Tensor& tensor) {
  std::size_t bytes = tensor.data_type() == onnx::Tensor::FLOAT ? sizeof(float) : sizeof(std::int64_t);
  for (const auto side : tensor.dims()) {
    require(side >= 1, "a constant has no side below 1", tensor.name());
    bytes *= static_cast<std::size_t>(side);
  }
  require(bytes == tensor.raw_data().size(), "a constant is as long as its shape says", tensor.name());
}

void check_graph(const onnx::Graph& graph) {
  std::unordered_set<std::string> known;
  const auto add = [&known](const std::string& name) {
    require(!name.empty() && known.insert(name).second, "a value is made once", name);
  };
  for (const auto& input : graph.input()) add(input.name());
  for (const auto& constant : graph.initializer()) {
    add(constant.name());
    check_constant(constant);
  }
  for (const auto& node : graph.node()) {
    for (const auto& input : node.input())
      require(input.empty() || known.contains(input), "a value is made before it is read", input);
    for (const auto& output : node.output()) add(output);
  }
  require(graph.input_size() > 0 && graph.output_size() > 0, "something goes in and comes out", "");
  for (const auto& output : graph.output()) require(known.contains(output.name()), "an output is made", output.name());
}

}  // namespace

void check_refusal(const Error& error) {
  require(error.message.ends_with('.'), "a refusal is a sentence", error.message);
  require(error.message.size() < 1000, "a refusal is short", error.message);
  for (const char c : error.message) require(c >= ' ' && c <= '~', "a refusal is printable", error.message);
  require(error.code != ErrorCode::kInternal, "a refusal is foreseen", error.message);
}

void check_network(onnx::Graph graph) {
  check_graph(graph);
  onnx::rewrite(graph);
  check_graph(graph);
  const std::string file = onnx::serialize(std::move(graph));
  require(!file.empty(), "a network can be written", "");
}

}  // namespace viba::fuzz
