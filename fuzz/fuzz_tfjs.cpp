#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "onnx_subset.pb.h"
#include "properties.h"
#include "segment/tfjs_importer.h"
#include "segment/tfjs_model.h"
#include "shard_numbers.h"

namespace viba::fuzz {
namespace {

Result<std::vector<std::uint8_t>> read_shard(const std::string& name, std::uint64_t most) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 20;
  if (most > kMost) return fail(ErrorCode::kNotFound, "A weight file of that size is not there.");
  return shard_of_name(name, most);
}

/// What a program might give the model: small pictures, and a number where a picture does not fit.
tfjs::ImportSettings settings_for(const tfjs::Model& model) {
  tfjs::ImportSettings settings;
  const Signature signature = tfjs::signature_of(model);
  const std::vector<std::int64_t> picture{1, 33, 49, 3};
  for (const Port& port : signature.inputs) {
    std::vector<std::int64_t> shape = port.shape_known ? port.shape : std::vector<std::int64_t>{1, 1, 1, 1};
    if (shape.size() != picture.size() || port.name.find("ratio") != std::string::npos) {
      settings.constants[port.name] = 0.5F;
      continue;
    }
    for (std::size_t i = 0; i < shape.size(); ++i)
      if (shape[i] < 1) shape[i] = picture[i];
    settings.inputs.push_back({port.name, std::move(shape)});
  }
  for (const Port& port : signature.outputs) settings.outputs.push_back(port.name);
  return settings;
}

void import_anything(std::string_view json) {
  const auto model = tfjs::parse_model(json, "model.json", read_shard);
  if (!model) {
    if (const auto shards = tfjs::list_shards(json, "model.json"); !shards) check_refusal(shards.error());
    return check_refusal(model.error());
  }
  const auto settings = settings_for(*model);
  if (settings.outputs.empty()) return;
  onnx::Graph graph;
  const auto done = tfjs::import_model(*model, settings, graph);
  if (!done) return check_refusal(done.error());
  check_network(std::move(graph));
}

}  // namespace
}  // namespace viba::fuzz

/// Any bytes as a model.json, its weights as `shard_of_name` makes them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  viba::fuzz::import_anything({reinterpret_cast<const char*>(data), size});
  return 0;
}
