// Each kernel against its plain definition, bit for bit, with every instruction set that this machine has.

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "composite/blend_kernels.h"
#include "composite/blur_kernels.h"
#include "composite/edge_kernels.h"

namespace viba {
namespace {

/// Its parameter is one instruction set, the only one that kernels may use meanwhile.
class Kernels : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { allow(GetParam()); }
  void TearDown() override { allow(0); }

  std::vector<std::uint8_t> noise(int count) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_());
    return bytes;
  }

  /// Half of the values at either end, as in mattes.
  std::vector<std::uint8_t> alphas(int count) {
    auto bytes = noise(count);
    for (auto& byte : bytes)
      if (const auto dice = random_() % 4; dice < 2) byte = dice == 0 ? 0 : 255;
    return bytes;
  }

  /// Up to 255·255, as weighted values are.
  std::vector<std::uint16_t> words(int count) {
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
    for (auto& value : values) value = static_cast<std::uint16_t>(random_() % (255 * 255 + 1));
    return values;
  }

  std::vector<std::uint16_t> sixteenths(int count) {
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
    for (auto& value : values) value = static_cast<std::uint16_t>(random_() % (255 * 16 + 1));
    return values;
  }

 private:
  static void allow(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }

  std::mt19937 random_{11};
};

constexpr int kSizes[] = {1, 2, 7, 8, 15, 16, 31, 33, 64, 65, 127, 130, 641};

TEST_P(Kernels, BlendRowIsTheRoundedMean) {
  for (const int width : kSizes) {
    const auto person = noise(width);
    const auto behind = noise(width);
    const auto alpha = alphas(width);
    std::vector<std::uint8_t> out(person.size() + 1, 77);
    blend_row(person.data(), behind.data(), alpha.data(), out.data(), width);
    for (std::size_t x = 0; x < person.size(); ++x)
      ASSERT_EQ(out[x], std::lround((person[x] * alpha[x] + behind[x] * (255 - alpha[x])) / 255.0))
          << x << " of " << width;
    EXPECT_EQ(out.back(), 77) << "beyond the row";
  }
}

TEST_P(Kernels, HalveAlphaIsTheRoundedMeanOfFour) {
  for (const int width : kSizes) {
    const auto upper = alphas(2 * width);
    const auto lower = alphas(2 * width);
    std::vector<std::uint8_t> out(static_cast<std::size_t>(width) + 1, 77);
    halve_alpha(upper.data(), lower.data(), out.data(), width);
    for (std::size_t x = 0; x + 1 < out.size(); ++x)
      ASSERT_EQ(out[x], (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) / 4)
          << x << " of " << width;
    EXPECT_EQ(out.back(), 77) << "beyond the row";
  }
}

TEST_P(Kernels, SumCellsWeighsWithTheSquares) {
  for (const int count : {1, 2, 5, 9})
    for (const int rows : {1, 3, 8}) {
      const int stride = count * kCell + 3;
      const auto picture = noise(stride * rows);
      const auto alpha = alphas(stride * rows);
      std::vector<CellSums> sums(static_cast<std::size_t>(count));
      sum_cells(picture.data(), stride, alpha.data(), stride, rows, count, sums.data());
      for (int cell = 0; cell < count; ++cell) {
        CellSums plain;
        for (int y = 0; y < rows; ++y)
          for (int x = cell * kCell; x < (cell + 1) * kCell; ++x) {
            const int pixel = picture[static_cast<std::size_t>(y * stride + x)];
            const int a = alpha[static_cast<std::size_t>(y * stride + x)];
            plain.person += pixel * (a * a / 256);
            plain.person_alpha += a * (a * a / 256);
            plain.person_weight += a * a / 256;
            plain.room += pixel * ((255 - a) * (255 - a) / 256);
            plain.room_alpha += a * ((255 - a) * (255 - a) / 256);
            plain.room_weight += (255 - a) * (255 - a) / 256;
          }
        const CellSums& found = sums[static_cast<std::size_t>(cell)];
        EXPECT_EQ(found.person, plain.person);
        EXPECT_EQ(found.person_alpha, plain.person_alpha);
        EXPECT_EQ(found.person_weight, plain.person_weight);
        EXPECT_EQ(found.room, plain.room);
        EXPECT_EQ(found.room_alpha, plain.room_alpha);
        EXPECT_EQ(found.room_weight, plain.room_weight);
      }
    }
}

TEST_P(Kernels, WidenCellsIsLinearBetweenCentres) {
  for (const int count : {1, 2, 5, 9}) {
    const auto cells = sixteenths(count + 2);
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count * kCell));
    widen_cells(cells.data() + 1, count, values.data());
    for (int x = 0; x < count * kCell; ++x) {
      const double place = (x + 0.5) / kCell - 0.5 + 1;  // among `cells`
      const auto left = static_cast<std::size_t>(place);
      const double part = place - double(left);
      EXPECT_EQ(values[static_cast<std::size_t>(x)],
                std::floor(cells[left] * (1 - part) + cells[left + 1] * part + 0.5))
          << x;
    }
  }
}

/// As it stands in the header, in real numbers.
double true_edge(int picture, int behind, int alpha, int person, int room, const EdgeVariances& variances) {
  const double a = alpha / 255.0;
  const double f = person / 16.0;
  const double b = room / 16.0;
  const double noise = (1 - a) * (variances.noise + (f - b) * (f - b) / 64);
  const double gain = a * variances.person / (a * a * variances.person + (1 - a) * (1 - a) * variances.room + noise);
  const double own = std::clamp(f + gain * (picture - a * f - (1 - a) * b), 0.0, 255.0);
  return a * own + (1 - a) * behind;
}

std::uint8_t plain_edge(int picture, int behind, int alpha, int person, int room, const EdgeVariances& variances) {
  const int rest = 255 - alpha;
  const int surprise = picture * 255 * 16 - alpha * person - rest * room;
  const int believed = alpha * variances.person;
  const int noise = 255 * variances.noise + (((person - room) * (person - room)) >> 6);
  const float gain =
      static_cast<float>(believed) / static_cast<float>(alpha * believed + rest * (rest * variances.room + noise));
  const float step = gain * static_cast<float>(surprise);
  const int own = std::clamp(person + static_cast<int>(std::nearbyint(step)), 0, 255 * 16);
  const int sum = ((alpha * own + rest * behind * 16 + 8) >> 4) + 128;
  return static_cast<std::uint8_t>((sum + (sum >> 8)) >> 8);
}

TEST_P(Kernels, BlendEdgeRowIsItsDefinition) {
  for (const EdgeVariances variances : {EdgeVariances{225, 16, 1}, EdgeVariances{36, 3, 1}, EdgeVariances{225, 0, 1}})
    for (const int width : {8, 16, 24, 640}) {
      const auto picture = noise(width);
      const auto behind = noise(width);
      const auto alpha = alphas(width);
      const auto person = sixteenths(width);
      const auto room = sixteenths(width);
      std::vector<std::uint8_t> out(picture.size() + 1, 77);
      blend_edge_row({picture.data(), behind.data(), alpha.data(), person.data(), room.data(), out.data(), width},
                     variances);
      for (std::size_t x = 0; x < picture.size(); ++x) {
        ASSERT_EQ(out[x], plain_edge(picture[x], behind[x], alpha[x], person[x], room[x], variances)) << x;
        ASSERT_NEAR(out[x], true_edge(picture[x], behind[x], alpha[x], person[x], room[x], variances), 0.6) << x;
        ASSERT_LE(std::abs(out[x] - behind[x]), alpha[x]) << x;
        if (alpha[x] == 255) {
          ASSERT_EQ(out[x], picture[x]) << x;
        }
      }
      EXPECT_EQ(out.back(), 77) << "beyond the row";
    }
}

TEST_P(Kernels, LightRowMovesTowardsTheLight) {
  for (const int width : kSizes) {
    const auto behind = noise(width);
    const auto alpha = alphas(width);
    const auto light = sixteenths(width);
    const auto share = sixteenths(width);
    auto out = noise(width + 1);
    for (std::size_t x = 0; x < behind.size(); ++x)
      if (alpha[x] == 0) out[x] = behind[x];
    const auto before = out;
    light_row({behind.data(), alpha.data(), light.data(), share.data(), out.data(), width});
    for (std::size_t x = 0; x < behind.size(); ++x) {
      const int lit = alpha[x] * light[x] + (255 - alpha[x]) * behind[x] * 16;
      const float part = static_cast<float>(share[x]) * (1.0F / (255 * 16) / (255 * 16));
      const float step = static_cast<float>(lit - before[x] * 255 * 16) * part;
      ASSERT_EQ(out[x], before[x] + static_cast<int>(std::nearbyint(step))) << x << " of " << width;
      ASSERT_NEAR(out[x], std::lerp(before[x], lit / 4080.0, share[x] / 4080.0), 0.51) << x;
    }
    EXPECT_EQ(out.back(), before.back()) << "beyond the row";
  }
}

std::uint16_t plain_mean(std::uint32_t sum, int window) {
  return static_cast<std::uint16_t>((sum * static_cast<std::uint32_t>(65536 / window) + (1U << 15)) >> 16);
}

TEST_P(Kernels, BoxRowIsTheMeanOfItsWindow) {
  for (const int window : {3, 5, 9})
    for (const int count : {1, 2, 7, 40}) {
      const auto in = words(kChannels * (count + window - 1));
      std::vector<std::uint16_t> out(static_cast<std::size_t>(kChannels * count) + 1, 77);
      box_row(in.data(), out.data(), count, window);
      for (int i = 0; i < kChannels * count; ++i) {
        std::uint32_t sum = 0;
        for (int cell = 0; cell < window; ++cell) sum += in[static_cast<std::size_t>(i + kChannels * cell)];
        ASSERT_EQ(out[static_cast<std::size_t>(i)], plain_mean(sum, window)) << i;
        ASSERT_NEAR(out[static_cast<std::size_t>(i)], double(sum) / window, 1 + double(sum) / window * window / 65536);
      }
      EXPECT_EQ(out.back(), 77) << "beyond the row";
    }
}

TEST_P(Kernels, BoxStepGivesAMeanAndMovesOn) {
  for (const int count : kSizes) {
    constexpr int kWindow = 5;
    std::vector<std::uint32_t> sums(static_cast<std::size_t>(count));
    const auto enter = words(count);
    const auto leave = words(count);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = leave[i] + 4 * 65025U;
    const auto before = sums;
    std::vector<std::uint16_t> out(sums.size() + 1, 77);
    box_step(sums.data(), enter.data(), leave.data(), out.data(), count, kWindow);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      ASSERT_EQ(out[i], plain_mean(before[i], kWindow)) << i;
      ASSERT_EQ(sums[i], before[i] + enter[i] - leave[i]) << i;
    }
    EXPECT_EQ(out.back(), 77) << "beyond the row";
  }
}

TEST_P(Kernels, AddRowAdds) {
  for (const int count : kSizes) {
    const auto row = noise(count);
    auto sums = words(count + 1);
    for (auto& sum : sums) sum /= 2;
    const auto before = sums;
    add_row(row.data(), sums.data(), count);
    for (std::size_t i = 0; i < row.size(); ++i) ASSERT_EQ(sums[i], before[i] + row[i]) << i;
    EXPECT_EQ(sums.back(), before.back()) << "beyond the row";
  }
}

INSTANTIATE_TEST_SUITE_P(, Kernels, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& set) { return std::string(hwy::TargetName(set.param)); });

}  // namespace
}  // namespace viba
