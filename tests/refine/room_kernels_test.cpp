#include "refine/room_kernels.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "refine/room_numbers.h"

namespace viba {
namespace {

/// Each kernel against its definition, on each kind of processor at hand, for widths that fill vectors and that do not.
class RoomKernels : public testing::TestWithParam<std::tuple<std::int64_t, int>> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(std::get<0>(GetParam())); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  template <class T>
  std::vector<T> some(double low, double high, int more = 0) {
    std::uniform_real_distribution<double> values(low, high);
    std::vector<T> row(width() + std::size_t(more));
    for (auto& value : row) value = static_cast<T>(values(random_));
    return row;
  }
  std::vector<std::uint8_t> bytes() { return some<std::uint8_t>(0, 255.9); }
  /// A row of bits; of `share` of the cells.
  std::vector<std::uint64_t> bits(double share = 0.5) {
    std::bernoulli_distribution set(share);
    auto row = no_bits(0);
    for (std::size_t x = 0; x < width(); ++x) row[x / 64] |= std::uint64_t{set(random_)} << (x % 64);
    return row;
  }
  /// Garbage that a kernel has to overwrite.
  [[nodiscard]] std::vector<std::uint64_t> no_bits(std::uint64_t garbage = 0x5a5a5a5a5a5a5a5a) const {
    return std::vector<std::uint64_t>((width() + 63) / 64, garbage);
  }
  static bool test(const std::vector<std::uint64_t>& row, std::size_t x) { return (row[x / 64] >> (x % 64) & 1) != 0; }
  void expect_no_tail(const std::vector<std::uint64_t>& row) const {
    EXPECT_EQ(width() % 64 == 0 ? 0 : row.back() >> (width() % 64), 0U);
  }
  [[nodiscard]] int cells() const { return std::get<1>(GetParam()); }
  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(cells()); }

  std::mt19937 random_{7};
};

TEST_P(RoomKernels, Levels) {
  const auto values = some<float>(0, 1);
  auto low = no_bits(), middle = no_bits(), high = no_bits(), alone = no_bits(), first = no_bits(), second = no_bits();
  levels_row({values.data(), 3, {0.2F, 0.5F, 0.9F}, {low.data(), middle.data(), high.data()}}, cells());
  levels_row({values.data(), 2, {0.9F, 0.2F}, {first.data(), second.data()}}, cells());
  levels_row({values.data(), 1, {0.5F}, {alone.data()}}, cells());
  for (std::size_t x = 0; x < width(); ++x) {
    ASSERT_EQ(test(low, x), values[x] >= 0.2F) << x;
    ASSERT_EQ(test(middle, x), values[x] >= 0.5F) << x;
    ASSERT_EQ(test(high, x), values[x] >= 0.9F) << x;
  }
  EXPECT_EQ(alone, middle);
  EXPECT_EQ(first, high);
  EXPECT_EQ(second, low);
  expect_no_tail(low);
}

TEST_P(RoomKernels, Difference) {
  const auto picture = bytes();
  const auto mean = some<std::uint16_t>(0, 65535.9);
  for (const float gain : {0.8F, 1.1F})
    for (const float offset : {-3.5F, 60.0F}) {
      std::vector<std::int16_t> out(width());
      difference_row({picture.data(), mean.data(), gain, offset, out.data()}, cells());
      const int steps = static_cast<int>(std::lround(offset * 8));
      const auto factor = static_cast<unsigned>(std::lround(gain * 4096));
      for (std::size_t x = 0; x < width(); ++x)
        ASSERT_EQ(out[x], picture[x] * 8 - steps - static_cast<int>(mean[x] * factor >> 16)) << x;
    }
}

TEST_P(RoomKernels, SumOfThreeRows) {
  const auto above = some<std::int16_t>(-2000, 2000), here = some<std::int16_t>(-2000, 2000),
             below = some<std::int16_t>(-2000, 2000);
  std::vector<std::int16_t> sum(width() + 2);
  sum3_rows(above.data(), here.data(), below.data(), sum.data() + 1, cells());
  for (std::size_t x = 0; x < width(); ++x) ASSERT_EQ(sum[x + 1], above[x] + here[x] + below[x]) << x;
  EXPECT_EQ(sum.front(), sum[1]);
  EXPECT_EQ(sum.back(), sum[width()]);
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
  const auto y = some<std::int16_t>(-1000, 500, 2), u = some<std::int16_t>(-170, 170, 2),
             v = some<std::int16_t>(-170, 170, 2);
  const auto luma = bytes(), cb = bytes(), cr = bytes();
  const auto noise_y = some<std::uint16_t>(0, 20000), noise_c = some<std::uint16_t>(0, 8000);
  const auto known = bits(0.8);
  std::vector<float> evidence(width());
  auto differs = no_bits(), candidates = no_bits(), fits = no_bits(), agrees = no_bits();
  evidence_row(
      {y.data() + 1, u.data() + 1, v.data() + 1, luma.data(), cb.data(), cr.data(), noise_y.data(), noise_c.data(),
       known.data(), evidence.data(), differs.data(), candidates.data(), fits.data(), agrees.data()},
      cells());
  for (std::size_t x = 0; x < width(); ++x) {
    const auto mean = [&](const auto& sums) { return (sums[x] + sums[x + 1] + sums[x + 2]) / 72.0; };
    const double dy = mean(y), du = mean(u), dv = mean(v);
    const double weight_c = 1 / (noise_c[x] / 256.0 + double(kFloorC));
    double far = dy * dy / (noise_y[x] / 256.0 + double(kFloorY)) + (du * du + dv * dv) * weight_c;
    double ratio = std::clamp(far / 2 - double(kEvenDistance), -double(kMostNegative), double(kMostPositive));
    if (ratio > 0) ratio *= 1 - shadow_of(luma[x], cb[x], cr[x], dy, du, dv, weight_c);
    if (!test(known, x)) far = ratio = 0;
    EXPECT_NEAR(double(evidence[x]), ratio, 2e-3) << x;
    const auto expect = [&](const auto& row, bool is, double limit) {
      const bool is_clear = std::abs(far - limit) > 1e-4 * limit;
      EXPECT_TRUE(!is_clear || test(row, x) == is) << x << " at " << far;
    };
    expect(differs, far >= double(kDiffers), double(kDiffers));
    expect(candidates, far >= 2 * double(kEvenDistance), 2 * double(kEvenDistance));
    expect(fits, far < double(kFits), double(kFits));
    expect(agrees, test(known, x) && far < double(kAgrees), double(kAgrees));
  }
  for (const auto* row : {&differs, &candidates, &fits, &agrees}) expect_no_tail(*row);
}

TEST_P(RoomKernels, Enlarge) {
  const auto nodes = some<float>(0, 1, 3);
  std::vector<float> out(width() + 1, -1);
  enlarge_row(nodes.data(), out.data(), cells());
  for (std::size_t x = 0; x < width(); ++x) {
    const double at = (double(x) + 0.5) / kRoomTile + 0.5;  // of the nodes, of which one comes before
    const auto before = static_cast<std::size_t>(at);
    const double share = at - double(before);
    ASSERT_NEAR(out[x], nodes[before] * (1 - share) + nodes[before + 1] * share, 1e-6) << x;
  }
  EXPECT_EQ(out.back(), -1);
}

TEST_P(RoomKernels, Fuse) {
  const auto evidence = some<float>(-4, 8), trust = some<float>(-0.5, 1), before = some<float>(-0.2, 1.2);
  const auto positive = bits(), inside = bits(), known = bits(0.7);
  auto usable = trust;
  for (auto& value : usable) value = std::max(value, 0.0F);
  auto used = usable;
  auto matte = before;
  for (auto& value : matte) value = std::clamp(value, 0.0F, 1.0F);
  const auto old = matte;
  fuse_row({evidence.data(), used.data(), positive.data(), inside.data(), known.data(), matte.data()}, cells());
  for (std::size_t x = 0; x < width(); ++x) {
    const double certain = test(known, x) ? double(usable[x]) : 0;
    EXPECT_EQ(double(used[x]), certain) << x;
    double ratio = double(evidence[x]);
    if ((ratio > 0 && !test(positive, x)) || (ratio < 0 && test(inside, x))) ratio = 0;
    const double p = std::clamp(double(old[x]), double(kLeastMatte), 1 - double(kLeastMatte));
    const double odds = (1 - (1 - double(kMatteWeight)) * certain) * std::log(p / (1 - p)) + ratio * certain;
    EXPECT_NEAR(double(matte[x]), certain > 0 ? 1 / (1 + std::exp(-odds)) : double(old[x]), 1e-5) << x;
  }
}

/// One cell of what `learn_row` changes.
struct Cell {
  double y, u, v, noise_y, noise_c;
};

TEST_P(RoomKernels, Decide) {
  const auto background = bits(), nobody = bits(), empty = bits(), person = bits(), ghost = bits(0.2), differs = bits(),
             fits = bits(), agrees = bits();
  for (const int beats : {2, 12, 300}) {
    auto samples = some<std::uint8_t>(0, 30), contrary = some<std::uint8_t>(0, kPatienceBeats + 0.9);
    samples[0] = kMostSamples;
    const auto old_samples = samples, old_contrary = contrary;
    auto learns = no_bits(), first = no_bits(), known = no_bits();
    decide_row(
        {background.data(), nobody.data(), empty.data(), person.data(), ghost.data(), differs.data(), fits.data(),
         agrees.data(), beats, samples.data(), contrary.data(), learns.data(), first.data(), known.data()},
        cells());
    for (std::size_t x = 0; x < width(); ++x) {
      int seen = old_samples[x], against = old_contrary[x];
      const bool taken = test(background, x) && test(empty, x) && (test(fits, x) || seen < kYoungSamples);
      const bool denied = test(background, x) && !taken, strange = test(nobody, x) && test(differs, x);
      if (denied || strange || test(ghost, x) || (test(person, x) && test(agrees, x)))
        against += beats * (test(ghost, x) ? kGhostHaste : 1);
      else if (taken || (test(nobody, x) && test(agrees, x)))
        against = 0;
      const bool over = against > kPatienceBeats;
      if (over) seen = against = 0;
      const bool expected = taken || (over && denied);
      ASSERT_EQ(test(learns, x), expected) << x;
      ASSERT_EQ(test(first, x), expected && seen == 0) << x;
      if (expected) seen = std::min(seen + 1, kMostSamples);
      ASSERT_EQ(samples[x], seen) << x;
      ASSERT_EQ(contrary[x], against) << x;
      ASSERT_EQ(test(known, x), seen >= kKnownSamples) << x;
    }
    expect_no_tail(learns);
    expect_no_tail(first);
  }
}

TEST_P(RoomKernels, NothingIsDecidedWhereNothingIsSaid) {
  const auto none = no_bits(0);
  auto samples = some<std::uint8_t>(0, 30), contrary = some<std::uint8_t>(0, kPatienceBeats + 0.9);
  const auto old_samples = samples, old_contrary = contrary;
  auto learns = no_bits(), first = no_bits(), known = no_bits();
  decide_row({none.data(), none.data(), none.data(), none.data(), none.data(), none.data(), none.data(), none.data(), 2,
              samples.data(), contrary.data(), learns.data(), first.data(), known.data()},
             cells());
  EXPECT_EQ(samples, old_samples);
  EXPECT_EQ(contrary, old_contrary);
  EXPECT_EQ(learns, none);
  EXPECT_EQ(first, none);
  EXPECT_EQ(known, no_bits()) << "what is known stays";
}

TEST_P(RoomKernels, Learn) {
  const auto luma = bytes(), cb = bytes(), cr = bytes();
  auto mean_y = some<std::uint16_t>(3000, 30000), mean_u = some<std::uint16_t>(3000, 30000),
       mean_v = some<std::uint16_t>(3000, 30000), noise_y = some<std::uint16_t>(0, 9000),
       noise_c = some<std::uint16_t>(0, 9000);
  const auto samples = some<std::uint8_t>(1, 60);
  const auto learns = bits(0.7);
  auto first = bits(0.2);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] &= learns[i];
  constexpr float kGain = 1.1F, kOffset = 4;
  std::vector<Cell> expected;
  for (std::size_t x = 0; x < width(); ++x) {
    Cell cell{mean_y[x] / 128.0, mean_u[x] / 128.0, mean_v[x] / 128.0, noise_y[x] / 256.0, noise_c[x] / 256.0};
    const bool is_first = test(first, x);
    const double rate = test(learns, x) ? std::max(1.0 / samples[x], double(kLeastRate)) : 0;
    const auto off = [](int picture, int mean, double gain, double offset) {
      return (picture * 8 - std::lround(offset * 8) - (mean * std::lround(gain * 4096) >> 16)) / 8.0;
    };
    const double ey = off(luma[x], mean_y[x], double(kGain), double(kOffset)) / double(kGain);
    const double eu = off(cb[x], mean_u[x], 1, 1), ev = off(cr[x], mean_v[x], 1, -1);
    cell.noise_y = is_first ? 0 : cell.noise_y + rate * (ey * ey * (1 - rate) - cell.noise_y);
    cell.noise_c = is_first ? 0 : cell.noise_c + rate * ((eu * eu + ev * ev) / 2 * (1 - rate) - cell.noise_c);
    cell.y = is_first ? (luma[x] - double(kOffset)) / double(kGain) : cell.y + rate * ey;
    cell.u = is_first ? cb[x] - 1.0 : cell.u + rate * eu;
    cell.v = is_first ? cr[x] + 1.0 : cell.v + rate * ev;
    expected.push_back(cell);
  }
  learn_row({luma.data(), cb.data(), cr.data(), learns.data(), first.data(), samples.data(), kGain, kOffset, 1, -1,
             mean_y.data(), mean_u.data(), mean_v.data(), noise_y.data(), noise_c.data()},
            cells());
  for (std::size_t x = 0; x < width(); ++x) {
    EXPECT_NEAR(mean_y[x] / 128.0, std::max(expected[x].y, 0.0), 0.02) << x;
    EXPECT_NEAR(mean_u[x] / 128.0, std::max(expected[x].u, 0.0), 0.02) << x;
    EXPECT_NEAR(mean_v[x] / 128.0, expected[x].v, 0.02) << x;
    EXPECT_NEAR(noise_y[x] / 256.0, std::min(expected[x].noise_y, 255.99), 0.02) << x;
    EXPECT_NEAR(noise_c[x] / 256.0, std::min(expected[x].noise_c, 255.99), 0.02) << x;
  }
}

TEST_P(RoomKernels, Show) {
  const auto mean = some<std::uint16_t>(0, 65535.9);
  const auto trust = some<float>(0, 1);
  const auto known_cells = bits();
  std::vector<std::uint8_t> out(width()), known(width());
  show_trust_row(trust.data(), known_cells.data(), known.data(), cells());
  for (std::size_t x = 0; x < width(); ++x)
    ASSERT_NEAR(known[x], test(known_cells, x) ? double(trust[x]) * 255 : 0, 0.51) << x;
  for (const float gain : {0.8F, 1.0F, 1.25F})
    for (const float offset : {-90.3F, -9.0F, 0.0F, 33.3F}) {
      show_row({mean.data(), gain, offset, out.data()}, cells());
      for (std::size_t x = 0; x < width(); ++x)
        ASSERT_NEAR(out[x], std::clamp(mean[x] / 128.0 * double(gain) + double(offset), 0.0, 255.0), 0.53) << x;
    }
}

INSTANTIATE_TEST_SUITE_P(OfManyWidths, RoomKernels,
                         testing::Combine(testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                                          testing::Values(1, 7, 16, 33, 63, 64, 65, 131, 320)),
                         [](const auto& each) {
                           return hwy::TargetName(std::get<0>(each.param)) + std::string("_") +
                                  std::to_string(std::get<1>(each.param));
                         });

}  // namespace
}  // namespace viba
