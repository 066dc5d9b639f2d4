#include "composite/blend.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace viba {
namespace {

TEST(BlendRow, IsTheRoundedMeanForEveryInput) {
  for (int alpha = 0; alpha < 256; ++alpha)
    for (int person = 0; person < 256; person += 5)
      for (int behind = 0; behind < 256; behind += 3) {
        const auto p = std::uint8_t(person);
        const auto b = std::uint8_t(behind);
        const auto a = std::uint8_t(alpha);
        std::uint8_t out = 0;
        blend_row(&p, &b, &a, &out, 1);
        ASSERT_EQ(out, std::lround((person * alpha + behind * (255 - alpha)) / 255.0))
            << person << " " << behind << " " << alpha;
      }
}

TEST(HalveAlpha, IsTheRoundedMeanOfFour) {
  const std::uint8_t upper[] = {0, 255, 10, 11};
  const std::uint8_t lower[] = {255, 255, 12, 13};
  std::uint8_t out[2];
  halve_alpha(upper, lower, out, 2);
  EXPECT_EQ(out[0], 191);
  EXPECT_EQ(out[1], 12);
}

Frame noise(FramePool& pool, std::mt19937& random, Size size) {
  auto frame = pool.acquire(size);
  for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = std::uint8_t(random());
  return std::move(*frame).freeze({});
}

TEST(Blender, AgreesWithTheDefinitionOnSizesThatFillNoVector) {
  std::mt19937 random(7);
  for (const Size size : {Size{2, 2}, Size{50, 34}, Size{66, 6}, Size{1282, 4}}) {
    FramePool frames;
    MattePool mattes;
    const Frame person = noise(frames, random, size);
    const Frame behind = noise(frames, random, size);
    auto alpha = mattes.acquire(size);
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x) alpha->alpha().row(y)[x] = std::uint8_t(random());
    const Matte matte = std::move(*alpha).freeze({});
    auto out = frames.acquire(size);
    Blender().run(person, behind, matte, *out);
    const auto mixed = [](int p, int b, int a) { return std::lround((p * a + b * (255 - a)) / 255.0); };
    for (int y = 0; y < size.height; ++y)
      for (int x = 0; x < size.width; ++x)
        ASSERT_EQ(out->y().row(y)[x], mixed(person.y().row(y)[x], behind.y().row(y)[x], matte.alpha().row(y)[x]));
    for (int y = 0; y < size.height / 2; ++y)
      for (int x = 0; x < size.width / 2; ++x) {
        const auto* top = matte.alpha().row(2 * y) + 2 * x;
        const auto* low = matte.alpha().row(2 * y + 1) + 2 * x;
        const int a = (top[0] + top[1] + low[0] + low[1] + 2) / 4;
        ASSERT_EQ(out->u().row(y)[x], mixed(person.u().row(y)[x], behind.u().row(y)[x], a));
        ASSERT_EQ(out->v().row(y)[x], mixed(person.v().row(y)[x], behind.v().row(y)[x], a));
      }
  }
}

}  // namespace
}  // namespace viba
