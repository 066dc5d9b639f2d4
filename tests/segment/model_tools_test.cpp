#include <viba/model_tools.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "segment/model_files.h"

namespace viba::test {
namespace {

const std::string kData = std::string(VIBA_SHARED_DIR) + "/data/";

struct Array {
  std::string header;
  std::vector<float> values;
};

Array read_npy(const std::string& path) {
  const auto bytes = bytes_of(path);
  EXPECT_GT(bytes.size(), 10U);
  const std::size_t length = bytes[8] + bytes[9] * std::size_t{256};
  Array array{.header = {bytes.begin() + 10, bytes.begin() + 10 + std::ptrdiff_t(length)},
              .values = std::vector<float>((bytes.size() - 10 - length) / sizeof(float))};
  EXPECT_EQ((10 + length) % 64, 0U);
  std::memcpy(array.values.data(), bytes.data() + 10 + length, array.values.size() * sizeof(float));
  return array;
}

std::vector<float> floats_of(const std::string& path) {
  const auto bytes = bytes_of(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

float worst_error(const std::vector<float>& values, const std::vector<float>& golden) {
  EXPECT_EQ(values.size(), golden.size());
  float worst = 0;
  for (std::size_t i = 0; i < std::min(values.size(), golden.size()); ++i)
    worst = std::max(worst, std::abs(values[i] - golden[i]));
  return worst;
}

/// Everything on the way is looked at at once: the picture's exact numbers, the feed, the importer, the
/// order of axes and the file.
TEST(RunModel, GivesTheGoldensOfTheSelfieModels) {
  for (const auto& [model, picture, golden, shape] :
       {std::tuple("selfie", "astronaut.256x256.png", "astronaut.selfie_segmentation.f32", "(1, 256, 256, 1, )"),
        std::tuple("selfie-landscape", "portrait029.256x144.png", "portrait029.selfie_segmentation_landscape.f32",
                   "(1, 144, 256, 1, )")}) {
    const std::string folder = kData + "golden/selfie/";
    if (!std::filesystem::exists(folder + picture)) GTEST_SKIP() << "golden files missing: " << folder;
    const TemporaryFile out("out.npy", {});
    const auto done = run_model(model, folder + picture, out.path(), "", {}, {});
    ASSERT_TRUE(done) << done.error().message;
    const Array array = read_npy(out.path());
    EXPECT_NE(array.header.find(shape), std::string::npos) << array.header;
    EXPECT_LT(worst_error(array.values, floats_of(folder + golden)), 1e-4F);
  }
}

TEST(RunModel, GivesTheGoldensOfTfjsModels) {
  const std::string folder = kData + "golden/bodypix/";
  const auto list = bytes_of(folder + "golden.json");
  if (list.empty()) GTEST_SKIP() << "golden files missing: " << folder;
  const auto goldens = nlohmann::json::parse(list);
  int compared = 0;
  for (const auto& golden : goldens["files"]) {
    const std::string name = golden["file"];
    const std::string model =
        kData + "bodypix/" + golden["model"].get<std::string>() + "/" + golden["json"].get<std::string>();
    if (!std::filesystem::exists(folder + name) || !std::filesystem::exists(model)) continue;
    SCOPED_TRACE(name);
    const TemporaryFile out("out.npy", {});
    const auto done =
        run_model(model, folder + golden["input"].get<std::string>(), out.path(), golden["output"], {}, {});
    ASSERT_TRUE(done) << done.error().message;
    const Array array = read_npy(out.path());
    const float worst = worst_error(array.values, floats_of(folder + name));
    std::cout << name << ": largest error " << worst << "\n";
    EXPECT_LT(worst, name.find("quant") == std::string::npos ? 5e-4F : 1e-3F);
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(RunModel, NothingIsLeftWhereItFails) {
  const TemporaryFile model("own.onnx", {1, 2, 3});
  const std::string out = model.folder() + "/out.npy";
  const auto done = run_model(model.path(), "/nonexistent.png", out, "", {}, {});
  ASSERT_FALSE(done);
  expect_sentence(done.error());
  const auto picture = run_model("selfie", "/nonexistent.png", out, "", {}, {});
  ASSERT_FALSE(picture);
  EXPECT_NE(picture.error().message.find("/nonexistent.png"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(DescribeModel, NamesInputsAndOutputs) {
  const auto text = describe_model(model_path("selfie"), {}, {});
  ASSERT_TRUE(text) << text.error().message;
  for (const char* word :
       {"selfie_segmentation.tflite.toml", "[1, 256, 256, 3]", "size = [256, 256]", "range = [0, 1]"})
    EXPECT_NE(text->find(word), std::string::npos) << *text;
  EXPECT_EQ(text->find("A guess"), std::string::npos) << *text;
}

TEST(MeasureModel, TellsTimeAndWork) {
  const auto measure = measure_model({}, {});
  ASSERT_TRUE(measure) << measure.error().message;
  EXPECT_GT(measure->ms_per_mask, 0);
  EXPECT_NEAR(measure->million_multiply_adds, 59, 3);
  EXPECT_EQ(measure->input, (Size{256, 256}));
  EXPECT_EQ(measure->device, "the CPU");
}

}  // namespace
}  // namespace viba::test
