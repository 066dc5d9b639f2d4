#include "refine/room_kernels.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "refine/room_numbers.h"

namespace viba {
namespace {

/// Each kernel against its definition, for widths that fill vectors and that do not.
class RoomKernels : public testing::TestWithParam<int> {
 protected:
  template <class T>
  std::vector<T> some(double low, double high, int more = 0) {
    std::uniform_real_distribution<double> values(low, high);
    std::vector<T> row(width() + std::size_t(more));
    for (auto& value : row) value = static_cast<T>(values(random_));
    return row;
  }
  std::vector<std::uint8_t> bytes() { return some<std::uint8_t>(0, 255.9); }
  std::vector<std::uint8_t> mask() { return some<std::uint8_t>(0, 1.99); }
  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(GetParam()); }

  std::mt19937 random_{7};
};

TEST_P(RoomKernels, Difference) {
  const auto picture = bytes();
  const auto mean = some<std::uint16_t>(0, 32640);
  std::vector<std::int16_t> out(width());
  difference_row({picture.data(), mean.data(), 1.1F, -3.5F, out.data()}, GetParam());
  for (std::size_t x = 0; x < width(); ++x)
    EXPECT_NEAR(out[x] / 8.0, picture[x] - (mean[x] / 128.0 * 1.1 - 3.5), 0.2) << x;
}

TEST_P(RoomKernels, Box3) {
  const auto above = some<std::int16_t>(-2000, 2000), here = some<std::int16_t>(-2000, 2000),
             below = some<std::int16_t>(-2000, 2000);
  std::vector<std::int16_t> scratch(width() + 2), sum(width());
  box3_row(above.data(), here.data(), below.data(), scratch.data(), sum.data(), GetParam());
  for (int x = 0; x < GetParam(); ++x) {
    int expected = 0;
    for (int u = x - 1; u <= x + 1; ++u) {
      const auto at = static_cast<std::size_t>(std::clamp(u, 0, GetParam() - 1));
      expected += above[at] + here[at] + below[at];
    }
    EXPECT_EQ(sum[std::size_t(x)], expected) << x;
  }
}

double shadow_of(double luma, double u, double v, double dy, double du, double dv, double weight) {
  const double shade = (luma - 16) / std::max(luma - 16 - dy, 1.0);
  if (shade >= 1) return 0;
  const double off_u = du - (shade - 1) * (u - 128 - du), off_v = dv - (shade - 1) * (v - 128 - dv);
  const double tint = (off_u * off_u + off_v * off_v) * weight;
  return std::clamp((shade - double(kShadowDarkest)) / double(kShadowSure - kShadowDarkest), 0.0, 1.0) *
         std::clamp(2 - 2 * tint / double(kShadowTint), 0.0, 1.0);
}

TEST_P(RoomKernels, Evidence) {
  const auto y = some<std::int16_t>(-3000, 1500), u = some<std::int16_t>(-500, 500), v = some<std::int16_t>(-500, 500);
  const auto luma = bytes(), cb = bytes(), cr = bytes(), samples = some<std::uint8_t>(0, 9);
  const auto noise_y = some<std::uint16_t>(0, 20000), noise_c = some<std::uint16_t>(0, 8000);
  std::vector<float> distance(width()), evidence(width());
  evidence_row({y.data(), u.data(), v.data(), luma.data(), cb.data(), cr.data(), noise_y.data(), noise_c.data(),
                samples.data(), distance.data(), evidence.data()},
               GetParam());
  for (std::size_t x = 0; x < width(); ++x) {
    const bool known = samples[x] >= kKnownSamples;
    const double dy = y[x] / 72.0, du = u[x] / 72.0, dv = v[x] / 72.0;
    const double weight_c = 1 / (noise_c[x] / 256.0 + double(kFloorC));
    const double far = dy * dy / (noise_y[x] / 256.0 + double(kFloorY)) + (du * du + dv * dv) * weight_c;
    double ratio = std::clamp(far / 2 - double(kEvenDistance), -double(kMostNegative), double(kMostPositive));
    if (ratio > 0) ratio *= 1 - shadow_of(luma[x], cb[x], cr[x], dy, du, dv, weight_c);
    EXPECT_NEAR(double(distance[x]), known ? far : 0, 1e-4 * (1 + far)) << x;
    EXPECT_NEAR(double(evidence[x]), known ? ratio : 0, 2e-3) << x;
  }
}

TEST_P(RoomKernels, Within) {
  const auto values = some<float>(0, 1);
  std::vector<std::uint8_t> out(width());
  within_row(values.data(), 0.2F, 0.6F, out.data(), GetParam());
  for (std::size_t x = 0; x < width(); ++x) EXPECT_EQ(out[x], values[x] >= 0.2F && values[x] < 0.6F ? 1 : 0);
}

TEST_P(RoomKernels, Fuse) {
  const auto evidence = some<float>(-4, 8), trust = some<float>(-0.5, 1), before = some<float>(-0.2, 1.2);
  const auto positive = mask(), inside = mask(), samples = some<std::uint8_t>(0, 9);
  auto usable = trust;
  for (auto& value : usable) value = std::max(value, 0.0F);
  auto used = usable;
  auto matte = before;
  for (auto& value : matte) value = std::clamp(value, 0.0F, 1.0F);
  const auto old = matte;
  fuse_row({evidence.data(), used.data(), positive.data(), inside.data(), samples.data(), matte.data()}, GetParam());
  for (std::size_t x = 0; x < width(); ++x) {
    const double certain = samples[x] >= kKnownSamples ? double(usable[x]) : 0;
    EXPECT_EQ(double(used[x]), certain) << x;
    double ratio = double(evidence[x]);
    if ((ratio > 0 && positive[x] == 0) || (ratio < 0 && inside[x] != 0)) ratio = 0;
    const double p = std::clamp(double(old[x]), double(kLeastMatte), 1 - double(kLeastMatte));
    const double odds = (1 - (1 - double(kMatteWeight)) * certain) * std::log(p / (1 - p)) + ratio * certain;
    EXPECT_NEAR(double(matte[x]), certain > 0 ? 1 / (1 + std::exp(-odds)) : double(old[x]), 1e-4) << x;
  }
}

TEST_P(RoomKernels, SlidingSums) {
  const auto enters = bytes(), leaves = bytes(), enters_mask = mask(), leaves_mask = mask();
  auto sums = some<std::uint16_t>(500, 3000);
  const auto before = sums;
  slide_row(enters.data(), enters_mask.data(), leaves.data(), leaves_mask.data(), sums.data(), GetParam());
  for (std::size_t x = 0; x < width(); ++x)
    EXPECT_EQ(sums[x], before[x] + enters[x] * enters_mask[x] - leaves[x] * leaves_mask[x]);
}

TEST_P(RoomKernels, Sum13) {
  auto padded = some<std::uint16_t>(0, 3315, 16);
  std::fill_n(padded.begin(), 6, std::uint16_t{0});
  std::fill(padded.end() - 10, padded.end(), std::uint16_t{0});
  std::vector<std::uint16_t> scratch(width() + 16), out(width());
  sum13_row(padded.data(), scratch.data(), out.data(), GetParam());
  for (std::size_t x = 0; x < width(); ++x) {
    int expected = 0;
    for (std::size_t i = 0; i < 13; ++i) expected += padded[x + i];
    EXPECT_EQ(out[x], expected) << x;
  }
}

/// One cell of what `learn_row` changes.
struct Cell {
  double y, u, v, noise_y, noise_c;
  int samples, contrary;
};

TEST_P(RoomKernels, Learn) {
  const auto luma = bytes(), cb = bytes(), cr = bytes(), background = mask(), nobody = mask(), empty = mask(),
             person = mask(), ghost = mask();
  const auto y = some<std::int16_t>(-200, 200), u = some<std::int16_t>(-100, 100), v = some<std::int16_t>(-100, 100);
  const auto distance = some<float>(0, 30);
  auto mean_y = some<std::uint16_t>(3000, 30000), mean_u = some<std::uint16_t>(3000, 30000),
       mean_v = some<std::uint16_t>(3000, 30000), noise_y = some<std::uint16_t>(0, 9000),
       noise_c = some<std::uint16_t>(0, 9000);
  auto samples = some<std::uint8_t>(0, 30), contrary = some<std::uint8_t>(0, kPatienceBeats + 0.9);
  constexpr float kGain = 1.1F, kOffset = 4;
  std::vector<Cell> expected;
  for (std::size_t x = 0; x < width(); ++x) {
    Cell cell{mean_y[x] / 128.0,  mean_u[x] / 128.0, mean_v[x] / 128.0, noise_y[x] / 256.0,
              noise_c[x] / 256.0, samples[x],        contrary[x]};
    const bool agrees = cell.samples >= kKnownSamples && distance[x] < kAgrees;
    const bool taken = background[x] != 0 && empty[x] != 0 && (distance[x] < kFits || cell.samples < kYoungSamples);
    const bool denied = background[x] != 0 && !taken;
    const bool strange = nobody[x] != 0 && distance[x] >= kDiffers;
    if (denied || strange || ghost[x] != 0 || (person[x] != 0 && agrees))
      cell.contrary += 2 * (ghost[x] != 0 ? static_cast<int>(kGhostHaste) : 1);
    else if (taken || (nobody[x] != 0 && agrees))
      cell.contrary = 0;
    const bool over = cell.contrary > kPatienceBeats;
    if (over) cell.samples = cell.contrary = 0;
    if (taken || (over && denied)) {
      const bool first = cell.samples == 0;
      cell.samples = std::min(cell.samples + 1, kMostSamples);
      const double rate = std::max(1.0 / cell.samples, double(kLeastRate));
      const double ey = y[x] / 8.0 / double(kGain), eu = u[x] / 8.0, ev = v[x] / 8.0;
      cell.noise_y = first ? 0 : cell.noise_y + rate * (ey * ey * (1 - rate) - cell.noise_y);
      cell.noise_c = first ? 0 : cell.noise_c + rate * ((eu * eu + ev * ev) / 2 * (1 - rate) - cell.noise_c);
      cell.y = first ? (luma[x] - double(kOffset)) / double(kGain) : cell.y + rate * ey;
      cell.u = first ? cb[x] - 1.0 : cell.u + rate * eu;
      cell.v = first ? cr[x] + 1.0 : cell.v + rate * ev;
    }
    expected.push_back(cell);
  }
  learn_row({luma.data(),
             cb.data(),
             cr.data(),
             y.data(),
             u.data(),
             v.data(),
             distance.data(),
             background.data(),
             nobody.data(),
             empty.data(),
             person.data(),
             ghost.data(),
             kGain,
             kOffset,
             1,
             -1,
             2,
             mean_y.data(),
             mean_u.data(),
             mean_v.data(),
             noise_y.data(),
             noise_c.data(),
             samples.data(),
             contrary.data()},
            GetParam());
  for (std::size_t x = 0; x < width(); ++x) {
    EXPECT_EQ(samples[x], expected[x].samples) << x;
    EXPECT_EQ(contrary[x], expected[x].contrary) << x;
    EXPECT_NEAR(mean_y[x] / 128.0, std::max(expected[x].y, 0.0), 0.02) << x;
    EXPECT_NEAR(mean_u[x] / 128.0, std::max(expected[x].u, 0.0), 0.02) << x;
    EXPECT_NEAR(mean_v[x] / 128.0, expected[x].v, 0.02) << x;
    EXPECT_NEAR(noise_y[x] / 256.0, std::min(expected[x].noise_y, 255.99), 0.02) << x;
    EXPECT_NEAR(noise_c[x] / 256.0, std::min(expected[x].noise_c, 255.99), 0.02) << x;
  }
}

TEST_P(RoomKernels, Show) {
  const auto mean = some<std::uint16_t>(0, 32640);
  const auto trust = some<float>(0, 1);
  const auto samples = some<std::uint8_t>(0, 9);
  std::vector<std::uint8_t> out(width()), known(width());
  show_row({mean.data(), 1.2F, -9, out.data()}, GetParam());
  show_trust_row(trust.data(), samples.data(), known.data(), GetParam());
  for (std::size_t x = 0; x < width(); ++x) {
    EXPECT_NEAR(out[x], std::clamp(mean[x] / 128.0 * 1.2 - 9, 0.0, 255.0), 0.51) << x;
    EXPECT_NEAR(known[x], samples[x] >= kKnownSamples ? double(trust[x]) * 255 : 0, 0.51) << x;
  }
}

INSTANTIATE_TEST_SUITE_P(OfManyWidths, RoomKernels, testing::Values(1, 7, 16, 33, 320));

}  // namespace
}  // namespace viba
