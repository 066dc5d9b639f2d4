#include "refine/guided_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <hwy/targets.h>
#include <viba/matte.h>

#include "refine/picture_shrinker.h"

namespace viba {
namespace {

using Color = std::array<double, 3>;

/// R, G, B in 0..1, also beyond.
Color rgb_of(double y, double u, double v) {
  const double luma = (y - 16) / 219, blue = (u - 128) / 224 * 1.772, red = (v - 128) / 224 * 1.402;
  return {luma + red, luma - (0.114 * blue + 0.299 * red) / 0.587, luma + blue};
}

/// One number for each of R, G, B and what is added.
using Linear = std::array<double, 4>;

/// Of four equations with four unknowns, by Gauss: no pivot is near 0, because the ridge is on the diagonal.
Linear solved(std::array<std::array<double, 4>, 3> m) {
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      if (i != j)
        for (std::size_t k = 4; k-- > i;) m[j][k] -= m[j][i] / m[i][i] * m[i][k];
  return {m[0][3] / m[0][0], m[1][3] / m[1][1], m[2][3] / m[2][2], 0};
}

/// The filter by its definition, on R, G, B and in double precision.
class Reference {
 public:
  Reference(const CoarsePicture& picture, const CoarseMatte& matte) : picture_(picture), matte_(matte) {
    for (int y = 0; y < picture.size.height; ++y)
      for (int x = 0; x < picture.size.width; ++x) raw_.push_back(regression(x, y));
    for (int y = 0; y < picture.size.height; ++y)
      for (int x = 0; x < picture.size.width; ++x) {
        Linear sum{};
        for_window(x, y, [&](std::size_t cell) {
          for (std::size_t i = 0; i < 4; ++i) sum[i] += raw_[cell][i] / 25;
        });
        mean_.push_back(sum);
      }
  }

  double alpha(const Frame& frame, int x, int y) const {
    const Linear linear = at(frame.size(), x, y);
    const Color gray = rgb_of(frame.y().row(y)[x], 128, 128);
    const double sum = linear[0] * gray[0] + linear[1] * gray[1] + linear[2] * gray[2] + linear[3] + tint(frame, x, y);
    const double t = std::clamp((sum - 0.05) / 0.9, 0.0, 1.0);
    return 255 * t * t * (3 - 2 * t);
  }

 private:
  std::size_t index(int x, int y) const {
    const auto [width, height] = picture_.size;
    return std::size_t(std::clamp(y, 0, height - 1) * width + std::clamp(x, 0, width - 1));
  }

  template <class Work>
  void for_window(int x, int y, const Work& work) const {
    for (int dy = -2; dy <= 2; ++dy)
      for (int dx = -2; dx <= 2; ++dx) work(index(x + dx, y + dy));
  }

  Linear regression(int x, int y) const {
    Color mean{};
    double mean_matte = 0;
    for_window(x, y, [&](std::size_t cell) {
      for (std::size_t i = 0; i < 3; ++i) mean[i] += color(cell)[i] / 25;
      mean_matte += double(matte_[cell]) / 25;
    });
    std::array<std::array<double, 4>, 3> equations{};
    for (std::size_t i = 0; i < 3; ++i) equations[i][i] = 1e-4;
    for_window(x, y, [&](std::size_t cell) {
      const Color c = color(cell);
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) equations[i][j] += (c[i] - mean[i]) * (c[j] - mean[j]) / 25;
        equations[i][3] += (c[i] - mean[i]) * (double(matte_[cell]) - mean_matte) / 25;
      }
    });
    Linear result = solved(equations);
    result[3] = mean_matte - result[0] * mean[0] - result[1] * mean[1] - result[2] * mean[2];
    return result;
  }

  Color color(std::size_t cell) const { return rgb_of(picture_.y[cell], picture_.u[cell], picture_.v[cell]); }

  /// The means at a sample of a plane.
  Linear at(Size plane, int x, int y) const {
    const auto [width, height] = picture_.size;
    const double cell_x = std::clamp((x + 0.5) * width / plane.width - 0.5, 0.0, width - 1.0);
    const double cell_y = std::clamp((y + 0.5) * height / plane.height - 0.5, 0.0, height - 1.0);
    Linear result{};
    for (const int dy : {0, 1})
      for (const int dx : {0, 1}) {
        const double weight =
            (1 - std::abs(cell_x - std::floor(cell_x) - dx)) * (1 - std::abs(cell_y - std::floor(cell_y) - dy));
        const Linear& linear = mean_[index(int(cell_x) + dx, int(cell_y) + dy)];
        for (std::size_t i = 0; i < 4; ++i) result[i] += weight * linear[i];
      }
    return result;
  }

  /// What a sample of chroma adds.
  double tint_of_sample(const Frame& frame, int x, int y) const {
    const Linear linear = at(frame.u().size, x, y);
    const Color color = rgb_of(16, frame.u().row(y)[x], frame.v().row(y)[x]);  // black, but for its colour
    return linear[0] * color[0] + linear[1] * color[1] + linear[2] * color[2];
  }

  /// Between two samples of a row.
  double tint(const Frame& frame, int x, int y) const {
    const int other = std::clamp(x % 2 == 0 ? x / 2 - 1 : x / 2 + 1, 0, frame.u().size.width - 1);
    return 0.75 * tint_of_sample(frame, x / 2, y / 2) + 0.25 * tint_of_sample(frame, other, y / 2);
  }

  const CoarsePicture& picture_;
  const CoarseMatte& matte_;
  std::vector<Linear> raw_, mean_;
};

struct Scene {
  FramePool pool;
  Frame frame;
  CoarsePicture picture;
  CoarseMatte matte;
};

/// Noise of few colours, and an ellipse of person in it with a soft edge.
Scene make_scene(Size size, unsigned seed) {
  std::mt19937 random(seed);
  Scene scene;
  auto frame = scene.pool.acquire(size);
  for (const Plane& plane : {frame->y(), frame->u(), frame->v()})
    for (int y = 0; y < plane.size.height; ++y)
      for (int x = 0; x < plane.size.width; ++x)
        plane.row(y)[x] = std::uint8_t(60 + (x * 8 / plane.size.width % 2) * 90 + int(random() % 24));
  scene.frame = std::move(*frame).freeze({});
  PictureShrinker().run(scene.frame, scene.picture);
  const auto [width, height] = scene.picture.size;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double reach = std::hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.6) * std::min(width, height);
      scene.matte.push_back(float(std::clamp((0.3 * std::min(width, height) - reach) / 4 + 0.5, 0.0, 1.0)));
    }
  return scene;
}

void expect_as_defined(const Scene& scene, const Matte& matte) {
  const Reference reference(scene.picture, scene.matte);
  const auto [width, height] = scene.frame.size();
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int alpha = matte.alpha().row(y)[x];
      ASSERT_NEAR(alpha, reference.alpha(scene.frame, x, y), 1) << x << ", " << y << " of " << width << "x" << height;
    }
}

class GuidedFilterOn : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(GuidedFilterOn, IsWhatItIsDefinedToBeForColoursInRgb) {
  for (const Size size : {Size{64, 48}, Size{2, 2}, Size{334, 250}, Size{640, 360}, Size{362, 644}, Size{962, 538}}) {
    const Scene scene = make_scene(size, 7);
    MattePool pool;
    auto matte = pool.acquire(size);
    GuidedFilter().run(scene.frame, scene.picture, scene.matte, matte->alpha());
    expect_as_defined(scene, std::move(*matte).freeze({}));
  }
}

TEST_P(GuidedFilterOn, RemembersNothingOfTheFrameBefore) {
  Scene first = make_scene({640, 360}, 1);
  Scene second = make_scene({640, 360}, 2);
  std::ranges::rotate(second.matte, second.matte.begin() + 2500);
  GuidedFilter filter;
  MattePool pool;
  for (const Scene* scene : {&first, &second}) {
    auto matte = pool.acquire({640, 360});
    filter.run(scene->frame, scene->picture, scene->matte, matte->alpha());
    expect_as_defined(*scene, std::move(*matte).freeze({}));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, GuidedFilterOn, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

TEST(GuidedFilter, FindsTheEdgeThatACoarseMatteMissed) {
  constexpr Size kSize{640, 360};
  constexpr int kTrueEdge = 303;
  FramePool frames;
  auto frame = frames.acquire(kSize);
  for (int y = 0; y < kSize.height; ++y)
    for (int x = 0; x < kSize.width; ++x) {
      frame->y().row(y)[x] = x < kTrueEdge ? 180 : 60;
      frame->u().row(y / 2)[x / 2] = frame->v().row(y / 2)[x / 2] = 128;
    }
  const Frame still = std::move(*frame).freeze({});
  CoarsePicture picture;
  PictureShrinker().run(still, picture);
  CoarseMatte coarse;
  for (int y = 0; y < picture.size.height; ++y)
    for (int x = 0; x < picture.size.width; ++x) coarse.push_back(std::clamp(float(156 - x) / 10, 0.0F, 1.0F));
  MattePool mattes;
  auto matte = mattes.acquire(kSize);
  GuidedFilter().run(still, picture, coarse, matte->alpha());
  EXPECT_GT(matte->alpha().row(100)[kTrueEdge - 2], 140);
  EXPECT_LT(matte->alpha().row(100)[kTrueEdge + 1], 100);
  EXPECT_EQ(matte->alpha().row(100)[100], 255);
  EXPECT_EQ(matte->alpha().row(100)[600], 0);
}

}  // namespace
}  // namespace viba
