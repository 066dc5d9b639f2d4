#include <cmath>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "composite/blend.h"
#include "composite/blend_kernels.h"
#include "sample_scene.h"

namespace viba {
namespace {

using test::SampleScene;

/// alpha·I + (1 − alpha)·N, which leaves the room's part in I.
Frame plain_mixture(const SampleScene& scene, const Matte& matte) {
  FramePool pool;
  auto out = pool.acquire(matte.size());
  const ConstPlane alpha = matte.alpha();
  std::vector<std::uint8_t> half(static_cast<std::size_t>(out->u().size.width));
  for (int y = 0; y < alpha.size.height; ++y) {
    blend_row(scene.picture.y().row(y), scene.behind.y().row(y), alpha.row(y), out->y().row(y), alpha.size.width);
    if (y % 2 != 0) continue;
    const int width = out->u().size.width;
    halve_alpha(alpha.row(y), alpha.row(y + 1), half.data(), width);
    blend_row(scene.picture.u().row(y / 2), scene.behind.u().row(y / 2), half.data(), out->u().row(y / 2), width);
    blend_row(scene.picture.v().row(y / 2), scene.behind.v().row(y / 2), half.data(), out->v().row(y / 2), width);
  }
  return std::move(*out).freeze({});
}

Frame composite(const Frame& person, const Frame& behind, const Matte& matte) {
  FramePool pool;
  auto out = pool.acquire(person.size());
  Blender().run(person, behind, matte, *out);
  return std::move(*out).freeze({});
}

/// Whether any pixel of the `step` times larger neighbourhood is part of the boundary.
bool in_band(ConstPlane alpha, int x, int y, int step) {
  for (int row = std::max(y * step - 1, 0); row < std::min((y + 1) * step + 1, alpha.size.height); ++row)
    for (int column = std::max(x * step - 1, 0); column < std::min((x + 1) * step + 1, alpha.size.width); ++column)
      if (alpha.row(row)[column] != 0 && alpha.row(row)[column] != 255) return true;
  return false;
}

/// The mean absolute errors of the planes in the boundary band of the true alpha, added.
double band_error(const Frame& out, const SampleScene& scene) {
  const ConstPlane alpha = scene.matte.alpha();
  double error = 0;
  const auto add = [&](ConstPlane made, ConstPlane truth, int step) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < made.size.height; ++y)
      for (int x = 0; x < made.size.width; ++x) {
        if (!in_band(alpha, x, y, step)) continue;
        sum += std::abs(made.row(y)[x] - truth.row(y)[x]);
        ++count;
      }
    error += sum / count;
  };
  add(out.y(), scene.truth.y(), 1);
  add(out.u(), scene.truth.u(), 2);
  add(out.v(), scene.truth.v(), 2);
  return error;
}

double error_against_plain(const SampleScene& scene, const Matte& matte, const std::string& name) {
  const double plain = band_error(plain_mixture(scene, matte), scene);
  const double made = band_error(composite(scene.picture, scene.behind, matte), scene);
  testing::Test::RecordProperty(name, fmt::format("{:.2f} of {:.2f}", made, plain));
  return made / plain;
}

class EdgeColorsBefore : public testing::TestWithParam<std::array<float, 3>> {};

TEST_P(EdgeColorsBefore, AtMostHalfOfTheRoomsColourIsLeft) {
  const SampleScene scene = test::make_sample_scene(GetParam());
  EXPECT_LE(error_against_plain(scene, scene.matte_with_room, "known_room"), 0.5) << "where the room is known";
  EXPECT_LE(error_against_plain(scene, scene.matte, "unknown_room"), 0.5) << "where it is not";
  // Most of what is left is alpha's own error, which no colour can mend.
  EXPECT_LE(error_against_plain(scene, scene.soft_matte_with_room, "blurred_alpha"), 0.9) << "where alpha is blurred";
}

INSTANTIATE_TEST_SUITE_P(ASaturatedColour, EdgeColorsBefore,
                         testing::Values(std::array{0.0F, 255.0F, 0.0F}, std::array{255.0F, 0.0F, 255.0F},
                                         std::array{0.0F, 0.0F, 255.0F}));

TEST(EdgeColors, AreFoundWhereBothAreEven) {
  constexpr Size kSize{256, 64};
  constexpr YuvColor kPerson{190, 100, 160};
  constexpr YuvColor kRoom{40, 170, 90};
  constexpr YuvColor kBehind{120, 60, 60};
  FramePool frames;
  MattePool mattes;
  auto picture = frames.acquire(kSize);
  auto behind = frames.acquire(kSize);
  auto matte = mattes.acquire(kSize);
  fill(*behind, kBehind);
  const auto alpha_at = [](int x) { return std::clamp((x / 2 * 2 - 64) * 8, 0, 255); };  // equal in pairs
  const auto mix = [](int a, int over, int under) {
    return static_cast<std::uint8_t>(std::lround((a * over + (255 - a) * under) / 255.0));
  };
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) {
      const int a = alpha_at(x);
      matte->alpha().row(y)[x] = static_cast<std::uint8_t>(a);
      picture->y().row(y)[x] = mix(a, kPerson.y, kRoom.y);
      picture->u().row(y / 2)[x / 2] = mix(a, kPerson.u, kRoom.u);
      picture->v().row(y / 2)[x / 2] = mix(a, kPerson.v, kRoom.v);
    }
  const Frame out =
      composite(std::move(*picture).freeze({}), std::move(*behind).freeze({}), std::move(*matte).freeze({}));
  for (int x = 0; x < kSize.width; ++x) {
    EXPECT_NEAR(out.y().row(31)[x], mix(alpha_at(x), kPerson.y, kBehind.y), 5) << x;
    EXPECT_NEAR(out.u().row(15)[x / 2], mix(alpha_at(x), kPerson.u, kBehind.u), 4) << x;
    EXPECT_NEAR(out.v().row(15)[x / 2], mix(alpha_at(x), kPerson.v, kBehind.v), 4) << x;
  }
}

}  // namespace
}  // namespace viba
