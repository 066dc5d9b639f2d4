#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "segment/model_files.h"
#include "support/rgb_png.h"

namespace viba::test {
namespace {

struct Golden {
  const char* model;
  const char* picture;
  const char* output;
};

class GoldenTest : public testing::TestWithParam<Golden> {};

void fill(std::span<float> planes, const RgbPicture& picture) {
  const std::size_t area = planes.size() / 3;
  for (std::size_t i = 0; i < planes.size(); ++i) planes[i % 3 * area + i / 3] = picture.pixels[i] / 255.0F;
}

TEST_P(GoldenTest, AgreesWithTheReferenceKernels) {
  const std::string folder = std::string(VIBA_SHARED_DIR) + "/data/golden/selfie/";
  const auto picture = read_rgb_png(folder + GetParam().picture);
  const auto bytes = bytes_of(folder + GetParam().output);
  if (!picture || bytes.empty()) GTEST_SKIP() << "golden files missing: " << folder << GetParam().picture;
  auto network = Network::load(model_path(GetParam().model), shared_engine());
  ASSERT_TRUE(network) << network.error().message;
  ASSERT_EQ(network->input().size(), picture->pixels.size());
  fill(network->input(), *picture);
  const auto output = network->run();
  ASSERT_TRUE(output) << output.error().message;
  std::vector<float> golden(bytes.size() / sizeof(float));
  std::memcpy(golden.data(), bytes.data(), bytes.size());
  ASSERT_EQ(output->size(), golden.size());
  float worst = 0;
  for (std::size_t i = 0; i < golden.size(); ++i) worst = std::max(worst, std::abs((*output)[i] - golden[i]));
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
