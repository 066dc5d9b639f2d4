#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "onnx_subset.pb.h"
#include "segment/model_files.h"
#include "segment/onnx_graph_builder.h"
#include "segment/tfjs_importer.h"
#include "support/rgb_png.h"

namespace viba::test {
namespace {

const std::string kGoldens = std::string(VIBA_SHARED_DIR) + "/data/golden/bodypix/";
const std::string kModels = std::string(VIBA_SHARED_DIR) + "/data/bodypix/";

/// In the order of TF.js, channels innermost.
std::vector<float> output_of(const tfjs::Model& model, const RgbPicture& picture, const std::string& output) {
  onnx::Graph graph;
  const auto inputs = tfjs::signature_of(model).inputs;
  EXPECT_EQ(inputs.size(), 1U);
  const auto done = tfjs::import_model(
      model, {.inputs = {{inputs.at(0).name, {1, picture.height, picture.width, 3}}}, .outputs = {output}}, graph);
  EXPECT_TRUE(done) << done.error().message;
  auto session = OnnxSession::create(shared_engine(), onnx::serialize(std::move(graph)), model.file);
  EXPECT_TRUE(session) << session.error().message;
  const auto planes = session->input_values(0);
  const std::size_t area = planes.size() / 3;
  for (std::size_t i = 0; i < planes.size(); ++i)
    planes[i % 3 * area + i / 3] = static_cast<float>(picture.pixels[i]) / 127.5F - 1;
  EXPECT_TRUE(session->run());
  const OnnxTensor& result = session->outputs()[0];
  const auto channels = static_cast<std::size_t>(result.shape[1]);
  const std::size_t cells = result.values.size() / channels;
  std::vector<float> values(result.values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i % cells * channels + i / cells] = result.values[i];
  return values;
}

TEST(TfjsGolden, AgreesWithTfjs) {
  const auto list = bytes_of(kGoldens + "golden.json");
  if (list.empty()) GTEST_SKIP() << "golden files missing: " << kGoldens;
  const auto goldens = nlohmann::json::parse(list);
  int compared = 0;
  for (const auto& golden : goldens["files"]) {
    const std::string name = golden["file"];
    const auto bytes = bytes_of(kGoldens + name);
    const std::string file = kModels + golden["model"].get<std::string>() + "/" + golden["json"].get<std::string>();
    if (bytes.empty() || !std::filesystem::exists(file)) continue;
    SCOPED_TRACE(name);
    const auto picture = read_rgb_png(kGoldens + golden["input"].get<std::string>());
    ASSERT_TRUE(picture);
    const auto model = tfjs::read_model(file);
    ASSERT_TRUE(model) << model.error().message;
    const auto values = output_of(*model, *picture, golden["output"]);
    std::vector<float> expected(bytes.size() / sizeof(float));
    std::memcpy(expected.data(), bytes.data(), bytes.size());
    ASSERT_EQ(values.size(), expected.size());
    float worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) worst = std::max(worst, std::abs(values[i] - expected[i]));
    std::cout << name << ": largest error " << worst << "\n";
    EXPECT_LT(worst, name.find("quant") == std::string::npos ? 5e-4F : 1e-3F);
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

}  // namespace
}  // namespace viba::test
