// Each kernel against its plain definition, bit for bit, with every instruction set that this machine has.

#include "media/area_kernels.h"

#include <random>
#include <vector>

#include "media/area_scaler.h"
#include "support/each_instruction_set.h"
#include "support/plain_media.h"

namespace viba {
namespace {

class AreaKernels : public test::EachInstructionSet {
 protected:
  std::vector<std::uint8_t> noise(int count) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
    for (auto& byte : bytes) byte = random_() % 4 == 0 ? 255 : static_cast<std::uint8_t>(random_());
    return bytes;
  }

  /// Parts of `area::kOne`, with 0 behind the first `taps` of them.
  template <class Weight>
  std::vector<Weight> weights(int taps, int rounded_up) {
    std::vector<Weight> parts(static_cast<std::size_t>(rounded_up));
    for (int i = 0; i < area::kOne; ++i) parts[random_() % static_cast<std::size_t>(taps)]++;
    return parts;
  }

  std::mt19937 random_{5};
};

TEST_P(AreaKernels, SumRowsIsItsDefinition) {
  for (const int width : {1, 2, 15, 16, 31, 33, 64, 65, 130, 641})
    for (const int rows : {1, 2, 5, 9}) {
      const int stride = width + 5;
      const auto from = noise(stride * rows);
      const auto parts = weights<std::uint16_t>(rows, rows);
      std::vector<std::int16_t> sums(static_cast<std::size_t>(width) + 1, 77), expected = sums;
      area::sum_rows(from.data(), stride, parts.data(), rows, width, sums.data());
      plain::sum_rows(from.data(), stride, parts.data(), rows, width, expected.data());
      ASSERT_EQ(sums, expected) << width << ", " << rows;
    }
}

TEST_P(AreaKernels, MeanOfColumnsIsItsDefinition) {
  for (const int count : {1, 3, 4, 7, 64, 145})
    for (const int taps : {8, 16, 24}) {
      std::vector<std::int16_t> sums(300);
      for (auto& sum : sums) sum = static_cast<std::int16_t>(static_cast<int>(random_() % (255 * 256 + 1)) - 32768);
      std::vector<int> first;
      std::vector<std::int16_t> parts;
      for (int i = 0; i < count; ++i) {
        first.push_back(static_cast<int>(random_() % (sums.size() - 24)));
        const auto more = weights<std::int16_t>(taps - i % 8, taps);
        parts.insert(parts.end(), more.begin(), more.end());
      }
      std::vector<float> means(static_cast<std::size_t>(count) + 1, 77), expected = means;
      area::mean_of_columns(sums.data(), {first.data(), parts.data(), taps}, count, means.data());
      plain::mean_of_columns(sums.data(), {first.data(), parts.data(), taps}, count, expected.data());
      ASSERT_EQ(means, expected) << count << ", " << taps;
    }
}

TEST_P(AreaKernels, ScaleAPictureOfOddSizeAndStride) {
  constexpr Size kFrom{333, 77};
  constexpr Size kTo{63, 31};
  constexpr int kStride = 341;
  const auto pixels = noise(kStride * kFrom.height);
  std::vector<float> cells(static_cast<std::size_t>(kTo.width * kTo.height));
  AreaScaler(kTo).scale({pixels.data(), kStride, kFrom}, cells);
  const auto share = [](int cell, int count, int side, int pixel) {
    const double begin = double(cell) * side / count;
    const double end = double(cell + 1) * side / count;
    return std::max(0.0, std::min(end, pixel + 1.0) - std::max(begin, double(pixel))) / (end - begin);
  };
  for (int y = 0; y < kTo.height; ++y)
    for (int x = 0; x < kTo.width; ++x) {
      double mean = 0;
      for (int row = 0; row < kFrom.height; ++row)
        if (const double down = share(y, kTo.height, kFrom.height, row); down > 0)
          for (int column = 0; column < kFrom.width; ++column)
            mean += down * share(x, kTo.width, kFrom.width, column) *
                    pixels[static_cast<std::size_t>(row * kStride + column)];
      ASSERT_NEAR(cells[static_cast<std::size_t>(y * kTo.width + x)], mean, 1.5) << x << ", " << y;
    }
}

VIBA_FOR_EACH_INSTRUCTION_SET(AreaKernels);

}  // namespace
}  // namespace viba
