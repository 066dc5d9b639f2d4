#include "composite/blend.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

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

void expect_bounded(ConstPlane person, ConstPlane behind, ConstPlane out, int x, int y, int alpha) {
  ASSERT_LE(std::abs(out.row(y)[x] - behind.row(y)[x]), alpha) << x << " " << y;
  if (alpha == 255) {
    ASSERT_EQ(out.row(y)[x], person.row(y)[x]) << x << " " << y;
  }
}

TEST(Blender, LetsThroughNoMoreThanAlphaAllows) {
  std::mt19937 random(7);
  Blender blender;
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
          expect_bounded(person.y(), behind.y(), out->y(), x, y, matte.alpha().row(y)[x]);
      for (int y = 0; y < size.height / 2; ++y)
        for (int x = 0; x < size.width / 2; ++x) {
          const auto* top = matte.alpha().row(2 * y) + 2 * x;
          const auto* low = matte.alpha().row(2 * y + 1) + 2 * x;
          const int alpha = (top[0] + top[1] + low[0] + low[1] + 2) / 4;
          expect_bounded(person.u(), behind.u(), out->u(), x, y, alpha);
          expect_bounded(person.v(), behind.v(), out->v(), x, y, alpha);
        }
    }
}

}  // namespace
}  // namespace viba
