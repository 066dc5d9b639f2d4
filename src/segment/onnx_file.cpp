#include "segment/onnx_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "onnx_subset.pb.h"
#include "segment/file_bytes.h"
#include "segment/import_math.h"
#include "segment/onnx_cost.h"
#include "segment/onnx_wire.h"

namespace viba::onnx {
namespace {

/// The bytes, the runtime's reading of them and its packed weights together stay under 1 GiB.
constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 28;
constexpr std::int64_t kMostElements = std::int64_t{1} << 26;
constexpr int kMostNodes = 20'000;
constexpr int kExternal = 1;  ///< data_location of weights that lie in another file

tl::unexpected<Error> damaged(const std::string& file, std::string_view what) {
  return fail(ErrorCode::kBadData, fmt::format("The model file {} is damaged ({}); fetch it anew.", file, what));
}

tl::unexpected<Error> unsupported(const std::string& file, std::string_view why) {
  return fail(ErrorCode::kUnsupported, fmt::format("The model file {} cannot be used: {}.", file, why));
}

/// Looks through a graph and all those inside its nodes. The reader allows only so many inside one
/// another, and that bounds the recursion.
class Checker {
 public:
  explicit Checker(const std::string& file) : file_(file) {}

  Result<void> graph(const Graph& graph) {
    for (const Tensor& weights : graph.initializer())
      if (auto done = tensor(weights); !done) return done;
    if ((nodes_ += graph.node_size()) > kMostNodes)
      return unsupported(file_, fmt::format("it has more than {} nodes", kMostNodes));
    for (const Node& each : graph.node())
      if (auto done = node(each); !done) return done;
    return {};
  }

 private:
  Result<void> node(const Node& node) {
    // What runs an unknown number of times cannot be bounded, and no network that segments does.
    constexpr std::array kLoops{"Loop", "Scan", "SequenceMap"};
    if (std::ranges::find(kLoops, node.op_type()) != kLoops.end())
      return unsupported(file_, fmt::format("its node \"{}\" is a {}, which ViBa does not run", printable(node.name()),
                                            node.op_type()));
    for (const Attribute& attribute : node.attribute()) {
      Result<void> done;
      if (attribute.has_t()) done = tensor(attribute.t());
      for (const Tensor& each : attribute.tensors())
        if (done) done = tensor(each);
      if (done && attribute.has_g()) done = graph(attribute.g());
      for (const Graph& each : attribute.graphs())
        if (done) done = graph(each);
      if (!done) return done;
    }
    return {};
  }

  Result<void> tensor(const Tensor& tensor) {
    if (tensor.external_data_size() > 0 || tensor.data_location() == kExternal)
      return unsupported(
          file_, fmt::format("its weights \"{}\" lie in another file; save it as one file", printable(tensor.name())));
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.dims()) {
      if (side < 0 || (side > 0 && count > left_ / side))
        return unsupported(file_, fmt::format("the size of its weights \"{}\" is no size, or asks for too much memory",
                                              printable(tensor.name())));
      count *= side;
    }
    left_ -= count;
    return {};
  }

  const std::string& file_;
  int nodes_ = 0;
  std::int64_t left_ = kMostElements;
};

Port port_of(const ValueInfo& info) {
  Port port{.name = info.name()};
  const auto& type = info.type().tensor_type();
  port.shape_known = type.has_shape();
  for (const auto& side : type.shape().dim())
    port.shape.push_back(side.has_dim_value() && side.dim_value() > 0 ? side.dim_value() : -1);
  return port;
}

Signature signature_of(const Graph& graph) {
  std::unordered_set<std::string_view> weights;
  for (const Tensor& tensor : graph.initializer()) weights.insert(tensor.name());
  Signature signature;
  for (const ValueInfo& input : graph.input())
    if (!weights.contains(input.name())) signature.inputs.push_back(port_of(input));
  for (const ValueInfo& output : graph.output()) signature.outputs.push_back(port_of(output));
  return signature;
}

}  // namespace

Result<File> check_file(std::vector<std::uint8_t> bytes, const std::string& path) {
  File file{.path = path, .bytes = std::move(bytes)};
  if (file.bytes.empty()) return damaged(path, "it is empty");
  if (const auto wrong = wire_complaint(file.bytes)) return damaged(path, *wrong);
  Model model;
  if (!model.ParseFromArray(file.bytes.data(), static_cast<int>(file.bytes.size())))
    return damaged(path, "it is no ONNX file, or it is cut off");
  if (!model.has_graph() || model.graph().node_size() == 0) return damaged(path, "it holds no network");
  Checker checker(path);
  auto done = checker.graph(model.graph());

  if (!done) return tl::unexpected(std::move(done).error());
  file.signature = signature_of(model.graph());
  for (const Node& node : model.graph().node())
    for (const auto& output : node.output())
      file.makers.emplace(output, Maker{node.op_type(), node.input_size() > 0 ? node.input(0) : ""});
  file.million_multiply_adds = million_multiply_adds(model.graph());
  return file;
}

Result<File> read_file(const std::string& path) {
  auto bytes = file_bytes(path, kMostFileBytes);
  if (!bytes) return tl::unexpected(std::move(bytes).error());
  return check_file(std::move(*bytes), path);
}

}  // namespace viba::onnx
