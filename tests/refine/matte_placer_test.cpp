#include "refine/matte_placer.h"

#include <gmock/gmock.h>

namespace viba {
namespace {

using testing::Each;
using testing::FloatNear;

CoarseMatte placed(const Confidence& confidence, Size frame) {
  CoarseMatte matte;
  MattePlacer().run(confidence, 0.5F, frame, matte);
  return matte;
}

TEST(CoarseSize, Is320CellsAlongTheLongerSideButNeverMoreThanPixels) {
  EXPECT_EQ(coarse_size({1280, 720}), (Size{320, 180}));
  EXPECT_EQ(coarse_size({1920, 1080}), (Size{320, 180}));
  EXPECT_EQ(coarse_size({640, 480}), (Size{320, 240}));
  EXPECT_EQ(coarse_size({480, 640}), (Size{240, 320}));
  EXPECT_EQ(coarse_size({64, 48}), (Size{64, 48}));
  EXPECT_EQ(coarse_size({16384, 2}), (Size{320, 1}));
}

TEST(MattePlacer, KeepsWhatIsTheSameEverywhere) {
  for (const Size frame : {Size{64, 48}, Size{1280, 720}, Size{482, 362}, Size{2, 2}})
    for (const Size cells : {Size{1, 1}, Size{256, 256}, Size{33, 700}}) {
      const auto matte = placed({cells, std::vector<float>(cells_of(cells), 0.75F)}, frame);
      EXPECT_EQ(matte.size(), cells_of(coarse_size(frame)));
      EXPECT_THAT(matte, Each(FloatNear(0.75F, 1e-5F)));
    }
}

TEST(MattePlacer, PutsCellCentresOntoCellCentres) {
  const auto matte = placed({{2, 1}, {0, 1}}, {8, 8});
  const std::vector<float> expected{0, 0, 0.125F, 0.375F, 0.625F, 0.875F, 1, 1};
  for (std::size_t x = 0; x < 8; ++x) EXPECT_FLOAT_EQ(matte[3 * 8 + x], expected[x]) << x;
}

TEST(MattePlacer, AveragesWhereTheNetworkIsTheFinerOne) {
  const auto matte = placed({{4, 2}, {0, 1, 1, 1, 0, 0, 1, 0}}, {2, 2});
  EXPECT_FLOAT_EQ(matte[0], 0.5F);
  EXPECT_FLOAT_EQ(matte[1], 1);
  EXPECT_FLOAT_EQ(matte[2], 0);
  EXPECT_FLOAT_EQ(matte[3], 0.5F);
}

TEST(MattePlacer, LeavesNobodyOutsideOfTheAreaAndFadesOutTowardsIt) {
  const auto matte = placed({{1, 1}, {1}, Rect{0, 24, {32, 24}}}, {64, 48});
  const auto at = [&](int x, int y) { return matte[std::size_t(y * 64 + x)]; };
  EXPECT_EQ(at(10, 23), 0);
  EXPECT_EQ(at(32, 40), 0);
  EXPECT_EQ(at(63, 0), 0);
  EXPECT_EQ(at(10, 40), 1);
  EXPECT_EQ(at(0, 47), 1) << "the picture's own border is none of the crop's";
  EXPECT_FLOAT_EQ(at(10, 24), 0.125F);
  EXPECT_FLOAT_EQ(at(10, 26), 0.625F);
  EXPECT_FLOAT_EQ(at(31, 40), 0.125F);
}

TEST(MattePlacer, ForgetsWhereTheAreaWas) {
  MattePlacer placer;
  CoarseMatte matte;
  placer.run({{1, 1}, {1}, Rect{0, 0, {32, 48}}}, 0.5F, {64, 48}, matte);
  placer.run({{2, 2}, {1, 1, 1, 1}, Rect{40, 8, {20, 20}}}, 0.5F, {64, 48}, matte);
  EXPECT_EQ(matte[20 * 64 + 5], 0);
  EXPECT_EQ(matte[18 * 64 + 50], 1);
}

}  // namespace
}  // namespace viba
