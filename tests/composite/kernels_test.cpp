// Each kernel against its plain definition, bit for bit, with every instruction set that this machine has.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "composite/blend_kernels.h"
#include "composite/blur_kernels.h"
#include "composite/edge_kernels.h"
#include "support/each_instruction_set.h"
#include "support/plain_composite.h"

namespace viba {
namespace {

class Kernels : public test::EachInstructionSet {
 protected:
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

TEST_P(Kernels, FindKindsIsItsDefinition) {
  for (const int count : {1, 2, 5, 9, 40})
    for (const int rows : {1, 3, 8}) {
      const int stride = count * kCell + 3;
      auto alpha = alphas(stride * rows);
      for (int cell = 0; cell < count; ++cell)  // most are all one, of which some have a speck
        for (int i = 0; i < kCell * rows && cell % 5 != 4; ++i)
          alpha[std::size_t(i / kCell * stride + cell * kCell + i % kCell)] = cell % 2 == 0 ? 0 : 255;
      for (int cell = 2; cell < count; cell += 3) alpha[std::size_t((rows - 1) * stride + cell * kCell + 7)] ^= 1;
      std::vector<CellKind> kinds(std::size_t(count) + 1, CellKind::kBehind);
      find_kinds(alpha.data(), stride, rows, count, kinds.data());
      for (int cell = 0; cell < count; ++cell)
        ASSERT_EQ(kinds[std::size_t(cell)], plain::kind_of(alpha.data() + cell * kCell, stride, rows)) << cell;
      EXPECT_EQ(kinds.back(), CellKind::kBehind) << "beyond the row";
    }
}

TEST_P(Kernels, SumCellsWeighsWithTheSquares) {
  for (const int count : {1, 2, 5, 9})
    for (const int rows : {1, 3, 8}) {
      const int stride = count * kCell + 3;
      const auto picture = noise(stride * rows);
      const auto alpha = alphas(stride * rows);
      const CellPixels pixels{picture.data(), stride, alpha.data(), stride, rows};
      const std::ptrdiff_t pitch = count + 2;
      std::vector<std::int32_t> sums(kCellSums * std::size_t(pitch), 77), expected = sums;
      sum_cells(pixels, count, sums.data(), pitch);
      plain::sum_cells(pixels, count, expected.data(), pitch);
      ASSERT_EQ(sums, expected) << count << ", " << rows;
    }
}

TEST_P(Kernels, AddUpCellsAddsUp) {
  for (const int count : {1, 2, 5, 9})
    for (const int rows : {1, 3, 8}) {
      const int stride = count * kCell + 3;
      const auto pixels = noise(stride * rows);
      std::vector<std::int32_t> sums(std::size_t(count) + 1, 77), expected = sums;
      add_up_cells(pixels.data(), stride, rows, count, sums.data());
      plain::add_up_cells(pixels.data(), stride, rows, count, expected.data());
      ASSERT_EQ(sums, expected) << count << ", " << rows;
    }
}

TEST_P(Kernels, UnmixCellsIsWithinOneOfItsDefinition) {
  constexpr int kMost = 40;
  constexpr std::ptrdiff_t kPitch = kMost + 2 + kMostLanes;
  std::vector<std::int32_t> sums(3 * kCellSums * kPitch);
  std::vector<float> far(kCellSums * kPitch);
  for (std::ptrdiff_t cell = 0; cell < 3 * kPitch; ++cell) {
    const auto alpha = alphas(kCell * kCell);
    const auto picture = noise(kCell * kCell);
    const CellPixels pixels{picture.data(), kCell, alpha.data(), cell % 7 == 0 ? 0 : kCell, kCell};
    plain::sum_cells(pixels, 1, sums.data() + cell / kPitch * std::ptrdiff_t(kCellSums) * kPitch + cell % kPitch,
                     kPitch);
  }
  for (std::size_t i = 0; i < far.size(); ++i) far[i] = float(sums[i]) / 100;
  std::vector<float> color(kPitch), trust(kPitch);
  for (std::size_t x = 0; x < color.size(); ++x) {
    color[x] = noise(1)[0];
    trust[x] = x % 3 == 0 ? 0 : float(noise(1)[0]) / 255;
  }
  const auto row = [&](std::ptrdiff_t y) { return sums.data() + y * std::ptrdiff_t(kCellSums) * kPitch + 1; };
  const Surroundings around{{row(0), row(1), row(2)}, kPitch, far.data() + 1, color.data(), trust.data()};
  for (const int count : {1, 3, 8, 17, kMost}) {
    std::vector<std::uint16_t> person(kPitch), room(kPitch), plain_person(kPitch), plain_room(kPitch);
    unmix_cells(around, count, person.data(), room.data());
    plain::unmix_cells(around, count, plain_person.data(), plain_room.data());
    for (std::size_t x = 0; x < std::size_t(count); ++x) {
      ASSERT_NEAR(person[x], plain_person[x], 1) << x;
      ASSERT_NEAR(room[x], plain_room[x], 1) << x;
    }
  }
}

TEST_P(Kernels, UnmixCellsTakesTheOtherColourWhereOneIsNowhere) {
  constexpr std::ptrdiff_t kPitch = 1 + 2 + kMostLanes;
  const std::vector<float> nothing(kCellSums * kPitch);
  for (const std::uint8_t alpha : {0, 255}) {
    const std::vector<std::uint8_t> pixels(kCell * kCell, 90), alphas(kCell * kCell, alpha);
    std::vector<std::int32_t> sums(kCellSums * kPitch);
    for (int x = 0; x < 3; ++x)
      plain::sum_cells({pixels.data(), kCell, alphas.data(), kCell, kCell}, 1, sums.data() + x, kPitch);
    const std::int32_t* row = sums.data() + 1;
    std::vector<std::uint16_t> person(kPitch), room(kPitch);
    unmix_cells({{row, row, row}, kPitch, nothing.data(), nothing.data(), nothing.data()}, 1, person.data(),
                room.data());
    EXPECT_EQ(person[0], 90 * 16);
    EXPECT_EQ(room[0], 90 * 16);
  }
}

/// As it stands in the header, in real numbers.
double true_edge(int picture, int behind, int alpha, double person, double room, const EdgeVariances& variances) {
  const double a = alpha / 255.0;
  const double f = person / 16.0;
  const double b = room / 16.0;
  const double noise = (1 - a) * (variances.noise + (f - b) * (f - b) / 64);
  const double gain = a * variances.person / (a * a * variances.person + (1 - a) * (1 - a) * variances.room + noise);
  const double own = std::clamp(f + gain * (picture - a * f - (1 - a) * b), 0.0, 255.0);
  return a * own + (1 - a) * behind;
}

/// Rows of `count` cells with a neighbour on each side, one over the other.
struct Grid {
  std::vector<std::uint16_t> values;
  std::ptrdiff_t pitch;
  [[nodiscard]] CellRows rows() const { return {at(0), at(1), at(2)}; }
  [[nodiscard]] const std::uint16_t* at(std::ptrdiff_t row) const { return values.data() + row * pitch + 1; }
};

TEST_P(Kernels, BlendEdgeCellsIsItsDefinition) {
  for (const EdgeVariances variances : {EdgeVariances{225, 16, 1}, EdgeVariances{36, 3, 1}, EdgeVariances{225, 0, 1}})
    for (const int width : {1, 7, 8, 16, 23, 24, 600})
      for (const int rows : {1, 5, 8}) {
        const int stride = width + 3;
        const std::ptrdiff_t pitch = width / kCell + 3 + kMostLanes;
        const auto picture = noise(stride * rows);
        const auto behind = noise(stride * rows);
        const auto alpha = alphas(stride * rows);
        const Grid person{sixteenths(int(3 * pitch)), pitch}, room{sixteenths(int(3 * pitch)), pitch};
        std::vector<std::uint8_t> out(picture.size(), 77), expected = out;
        EdgeCells cells{.pixels = {picture.data(), stride, alpha.data(), stride, rows},
                        .behind = behind.data(),
                        .behind_stride = stride,
                        .person_near = person.rows(),
                        .room_near = room.rows(),
                        .out = out.data(),
                        .out_stride = stride,
                        .width = width};
        blend_edge_cells(cells, variances);
        cells.out = expected.data();
        plain::blend_edge_cells(cells, variances);
        ASSERT_EQ(out, expected) << width << "x" << rows;
        for (int i = 0; i < rows * width; ++i) {
          const int x = i % width, y = i / width;
          const auto at = std::size_t(y * stride + x);
          ASSERT_LE(std::abs(out[at] - behind[at]), alpha[at]);
          if (alpha[at] == 255) {
            ASSERT_EQ(out[at], picture[at]);
          }
          ASSERT_NEAR(out[at],
                      true_edge(picture[at], behind[at], alpha[at], plain::between(person.rows(), x, y),
                                plain::between(room.rows(), x, y), variances),
                      0.7);
        }
      }
}

TEST_P(Kernels, WhatIsBetweenCellsIsLinear) {
  // A person without doubt is what shows it: F is then F̂, and alpha one half.
  constexpr int kWidth = 5 * kCell;
  constexpr std::ptrdiff_t kPitch = 7 + kMostLanes;
  const Grid grid{sixteenths(3 * kPitch), kPitch};
  for (int y = 0; y < kCell; ++y)
    for (int x = 0; x < kWidth; ++x) {
      const double across = (x + 0.5) / kCell - 0.5;
      const double down = (y + 0.5) / kCell - 0.5 + 1;
      const auto left = static_cast<std::ptrdiff_t>(std::floor(across));
      const auto top = static_cast<std::ptrdiff_t>(down);
      const auto row = [&](std::ptrdiff_t of) {
        return std::lerp(double(grid.at(of)[left]), double(grid.at(of)[left + 1]), across - double(left));
      };
      ASSERT_NEAR(plain::between(grid.rows(), x, y), std::lerp(row(top), row(top + 1), down - double(top)), 1.01);
    }
}

TEST_P(Kernels, LightCellsMovesTowardsTheLight) {
  for (const int width : {1, 7, 8, 16, 23, 24, 600})
    for (const int rows : {1, 5, 8}) {
      const int stride = width + 3;
      const std::ptrdiff_t pitch = width / kCell + 3 + kMostLanes;
      const auto behind = noise(stride * rows);
      const auto alpha = alphas(stride * rows);
      const Grid light{sixteenths(int(3 * pitch)), pitch}, share{sixteenths(int(3 * pitch)), pitch};
      auto out = noise(stride * rows);
      for (std::size_t i = 0; i < out.size(); ++i)
        if (alpha[i] == 0) out[i] = behind[i];
      const auto before = out;
      auto expected = out;
      LitCells cells{.behind = behind.data(),
                     .behind_stride = stride,
                     .alpha = alpha.data(),
                     .alpha_stride = stride,
                     .light = light.rows(),
                     .share = share.rows(),
                     .out = out.data(),
                     .out_stride = stride,
                     .rows = rows,
                     .width = width};
      light_cells(cells);
      cells.out = expected.data();
      plain::light_cells(cells);
      ASSERT_EQ(out, expected) << width << "x" << rows;
      for (int i = 0; i < rows * width; ++i) {
        const int x = i % width, y = i / width;
        const auto at = std::size_t(y * stride + x);
        const double lit = alpha[at] * plain::between(light.rows(), x, y) + (255 - alpha[at]) * behind[at] * 16;
        ASSERT_NEAR(out[at], std::lerp(before[at], lit / 4080.0, plain::between(share.rows(), x, y) / 4080.0), 0.51);
      }
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

VIBA_FOR_EACH_INSTRUCTION_SET(Kernels);

}  // namespace
}  // namespace viba
