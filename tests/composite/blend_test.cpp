#include "composite/blend.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "media/scale.h"

namespace viba {
namespace {

Frame noise(FramePool& pool, std::mt19937& random, Size size) {
  auto frame = pool.acquire(size);
  for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x) plane.row(y)[x] = std::uint8_t(random());
  return std::move(*frame).freeze({});
}

/// Like a matte: runs of nothing, of all, and of anything between.
Matte patches(MattePool& pool, std::mt19937& random, Size size, Size room) {
  auto matte = pool.acquire(size, room);
  std::vector<unsigned> kinds(std::size_t(size.width) / 20 + 1);
  for (int y = 0; y < size.height; ++y) {
    if (y % 12 == 0)
      for (auto& kind : kinds) kind = random() % 3;
    for (int x = 0; x < size.width; ++x) {
      const unsigned kind = kinds[std::size_t(x) / 20];
      matte->alpha().row(y)[x] = std::uint8_t(kind == 0 ? 0 : kind == 1 ? 255 : random());
    }
  }
  if (room != Size{})
    for (const Plane& plane : {matte->room().y, matte->room().u, matte->room().v, matte->room().known})
      for (int y = 0; y < room.height; ++y)
        for (int x = 0; x < room.width; ++x) plane.row(y)[x] = std::uint8_t(random());
  return std::move(*matte).freeze({});
}

void expect_bounded(ConstPlane person, ConstPlane behind, ConstPlane out, int x, int y, int alpha, bool lit) {
  ASSERT_LE(std::abs(out.row(y)[x] - behind.row(y)[x]), alpha) << x << " " << y;
  if (alpha == 255 && !lit) {
    ASSERT_EQ(out.row(y)[x], person.row(y)[x]) << x << " " << y;
  }
}

/// The light wrap's strength.
class BlenderLit : public testing::TestWithParam<double> {};

TEST_P(BlenderLit, LetsThroughNoMoreThanAlphaAllows) {
  std::mt19937 random(7);
  Blender blender(GetParam());
  const bool lit = GetParam() > 0;
  for (const Size size : {Size{2, 2}, Size{50, 34}, Size{66, 6}, Size{6, 66}, Size{320, 180}, Size{1282, 20}})
    for (const Size room : {Size{}, Size{1, 1}, Size{320, 180}, Size{37, 5}}) {
      FramePool frames;
      MattePool mattes;
      const Frame person = noise(frames, random, size);
      const Frame behind = noise(frames, random, size);
      const Matte matte = patches(mattes, random, size, room);
      auto out = frames.acquire(size);
      blender.run(person, behind, matte, *out);
      for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
          expect_bounded(person.y(), behind.y(), out->y(), x, y, matte.alpha().row(y)[x], lit);
      for (int y = 0; y < size.height / 2; ++y)
        for (int x = 0; x < size.width / 2; ++x) {
          const auto* top = matte.alpha().row(2 * y) + 2 * x;
          const auto* low = matte.alpha().row(2 * y + 1) + 2 * x;
          const int alpha = (top[0] + top[1] + low[0] + low[1] + 2) / 4;
          expect_bounded(person.u(), behind.u(), out->u(), x, y, alpha, lit);
          expect_bounded(person.v(), behind.v(), out->v(), x, y, alpha, lit);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, BlenderLit, testing::Values(0.0, 40.0, 100.0));

TEST(LightWrap, FallsOnTheEdgeFromInside) {
  constexpr Size kSize{160, 64};
  constexpr int kEdge = 84;  // the person is left of it
  FramePool frames;
  MattePool mattes;
  auto person = frames.acquire(kSize);
  auto behind = frames.acquire(kSize);
  fill(*person, {60, 100, 150});
  fill(*behind, {220, 160, 90});
  auto matte = mattes.acquire(kSize);
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) matte->alpha().row(y)[x] = x < kEdge ? 255 : 0;
  auto plain = frames.acquire(kSize);
  auto lit = frames.acquire(kSize);
  const Frame person_frame = std::move(*person).freeze({});
  const Frame behind_frame = std::move(*behind).freeze({});
  const Matte frozen = std::move(*matte).freeze({});
  Blender().run(person_frame, behind_frame, frozen, *plain);
  Blender(40).run(person_frame, behind_frame, frozen, *lit);
  for (int x = 0; x < kSize.width; ++x) {
    const int change = lit->y().row(30)[x] - plain->y().row(30)[x];
    if (x >= kEdge || x < kEdge - 3 * kCell)
      EXPECT_EQ(change, 0) << x;
    else
      EXPECT_LE(change, 40 * (220 - 60) / 100) << x;
    if (x > 0 && x < kEdge) {
      EXPECT_GE(lit->y().row(30)[x], lit->y().row(30)[x - 1]) << x << ": grows towards the edge";
    }
  }
  EXPECT_GT(lit->y().row(30)[kEdge - 1], plain->y().row(30)[kEdge - 1] + 15);
  EXPECT_GT(lit->u().row(15)[kEdge / 2 - 1], plain->u().row(15)[kEdge / 2 - 1] + 5);
  EXPECT_LT(lit->v().row(15)[kEdge / 2 - 1], plain->v().row(15)[kEdge / 2 - 1] - 5);
}

}  // namespace
}  // namespace viba
