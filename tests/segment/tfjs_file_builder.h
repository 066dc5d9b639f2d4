#pragma once

#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "segment/model_files.h"
#include "segment/tfjs_importer.h"
#include "segment/tfjs_model.h"

namespace viba::test {

/// As JSON holds bytes.
inline std::string base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) result += i + j > text.size() ? '=' : kDigits[bits >> (18 - 6 * j) & 63];
  }
  return result;
}

/// Every placeholder takes an RGB picture of that size.
inline tfjs::ImportSettings feed_all(const tfjs::Model& model, Size size, std::vector<std::string> outputs) {
  tfjs::ImportSettings settings{.outputs = std::move(outputs)};
  for (const auto& input : tfjs::signature_of(model).inputs)
    settings.inputs.push_back({input.name, {1, size.height, size.width, 3}});
  return settings;
}

/// Makes small TF.js models, right ones and wrong ones.
class TfjsFileBuilder {
 public:
  using json = nlohmann::json;

  static json text(std::string_view value) { return {{"s", base64(value)}}; }
  static json texts(const std::vector<std::string>& values) {
    json list = json::array();
    for (const auto& value : values) list.push_back(base64(value));
    return {{"list", {{"s", list}}}};
  }
  static json numbers(const std::vector<int>& values) {
    json list = json::array();
    for (const int value : values) list.push_back(std::to_string(value));
    return {{"list", {{"i", list}}}};
  }
  static json window(std::string_view padding, int stride = 1, int dilation = 1) {
    return {{"padding", text(padding)},
            {"strides", numbers({1, stride, stride, 1})},
            {"dilations", numbers({1, dilation, dilation, 1})},
            {"data_format", text("NHWC")}};
  }

  void add_node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                const json& attributes = json::object()) {
    root["modelTopology"]["node"].push_back({{"name", name}, {"op", op}, {"input", inputs}, {"attr", attributes}});
  }
  void add_input(const std::string& name = "in") { add_node(name, "Placeholder", {}); }

  void add_constant(const std::string& name, const std::vector<int>& shape, const std::vector<float>& values) {
    add_weight(name, shape, "float32", values.data(), values.size() * sizeof(float));
  }
  void add_integers(const std::string& name, const std::vector<int>& shape, const std::vector<std::int32_t>& values) {
    add_weight(name, shape, "int32", values.data(), values.size() * sizeof(std::int32_t));
  }
  void add_truths(const std::string& name, const std::vector<int>& shape, const std::vector<std::uint8_t>& values) {
    add_weight(name, shape, "bool", values.data(), values.size());
  }
  void add_quantized(const std::string& name, const std::vector<int>& shape, const std::string& type,
                     const json& quantization, const std::vector<std::uint8_t>& bytes) {
    add_weight(name, shape, type, bytes.data(), bytes.size());
    weights().back()["quantization"] = quantization;
  }

  json& weights() { return root["weightsManifest"][0]["weights"]; }
  json& paths() { return root["weightsManifest"][0]["paths"]; }
  json& nodes() { return root["modelTopology"]["node"]; }

  /// Puts the shard into the folder of the running test and reads the model.
  [[nodiscard]] Result<tfjs::Model> read() const {
    const TemporaryFile file("shard.bin", shard);
    return tfjs::parse_model(root.dump(), "small.json", file.folder());
  }

  json root = {{"modelTopology", {{"node", json::array()}}},
               {"weightsManifest", json::array({{{"paths", {"shard.bin"}}, {"weights", json::array()}}})}};
  std::vector<std::uint8_t> shard;

 private:
  void add_weight(const std::string& name, const std::vector<int>& shape, const std::string& type, const void* values,
                  std::size_t size) {
    add_node(name, "Const", {});
    weights().push_back({{"name", name}, {"shape", shape}, {"dtype", type}});
    const auto* bytes = static_cast<const std::uint8_t*>(values);
    shard.insert(shard.end(), bytes, bytes + size);
  }
};

}  // namespace viba::test
