#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "media/rgb_picture.h"
#include "segment/model_files.h"
#include "segment/network.h"

namespace viba::test {
namespace {

struct Golden {
  const char* model;
  const char* picture;
  const char* output;
};

class GoldenTest : public testing::TestWithParam<Golden> {};

TEST_P(GoldenTest, AgreesWithTheReferenceKernels) {
  const std::string folder = std::string(VIBA_SHARED_DIR) + "/data/golden/selfie/";
  const auto picture = load_rgb_picture(folder + GetParam().picture);
  const auto bytes = bytes_of(folder + GetParam().output);
  if (!picture || bytes.empty()) GTEST_SKIP() << "golden files missing: " << folder << GetParam().picture;
  const auto file = open_model_file(model_path(GetParam().model));
  ASSERT_TRUE(file) << file.error().message;
  auto network = Network::create(**file, find_model(GetParam().model)->feed, {2, 2}, shared_engine());
  ASSERT_TRUE(network) << network.error().message;
  ASSERT_EQ(network->input_size(), picture->size);
  network->fill(picture->views());
  const auto done = network->run();
  ASSERT_TRUE(done) << done.error().message;
  const auto output = network->values();
  std::vector<float> golden(bytes.size() / sizeof(float));
  std::memcpy(golden.data(), bytes.data(), bytes.size());
  ASSERT_EQ(output.size(), golden.size());
  float worst = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) worst = std::max(worst, std::abs(output[i] - golden[i]));
  RecordProperty("worst_error", std::to_string(worst));
  std::cout << GetParam().output << ": largest error " << worst << "\n";
  EXPECT_LT(worst, 1e-4F);
}

INSTANTIATE_TEST_SUITE_P(
    Selfie, GoldenTest,
    testing::Values(Golden{"selfie", "astronaut.256x256.png", "astronaut.selfie_segmentation.f32"},
                    Golden{"selfie", "portrait029.256x256.png", "portrait029.selfie_segmentation.f32"},
                    Golden{"selfie-landscape", "astronaut.256x144.png", "astronaut.selfie_segmentation_landscape.f32"},
                    Golden{"selfie-landscape", "portrait029.256x144.png",
                           "portrait029.selfie_segmentation_landscape.f32"}),
    [](const auto& param) {
      return std::string(param.index % 2 == 0 ? "Astronaut" : "Portrait") + (param.index < 2 ? "General" : "Landscape");
    });

}  // namespace
}  // namespace viba::test
