#include "segment/input_kernels.h"

#include <algorithm>
#include <random>
#include <vector>

#include "support/each_instruction_set.h"
#include "support/plain_input.h"

namespace viba {
namespace {

class InputKernels : public test::EachInstructionSet {};

TEST_P(InputKernels, YuvToRgbIsItsDefinition) {
  std::mt19937 random(5);
  constexpr float kBound = 1e-6F;
  constexpr PixelRange kRanges[] = {{}, {.gain = {2, 4.4F, 255}, .offset = {-1, -2.1F, 3}}};
  for (const PixelRange& range : kRanges)
    for (const std::size_t count : {1, 3, 4, 15, 16, 17, 64, 257}) {
      std::array<std::vector<float>, 3> rows;
      for (auto& row : rows) {
        row.resize(count + 1);
        for (float& value : row) value = static_cast<float>(random() % 2551) / 10;
      }
      auto expected = rows;
      yuv_to_rgb(rows[0].data(), rows[1].data(), rows[2].data(), static_cast<int>(count), range);
      plain::yuv_to_rgb(expected[0].data(), expected[1].data(), expected[2].data(), static_cast<int>(count), range);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const float most = kBound * (range.gain[channel] + std::abs(range.offset[channel]));
        for (std::size_t x = 0; x < count; ++x) ASSERT_NEAR(rows[channel][x], expected[channel][x], most) << x;
        EXPECT_EQ(rows[channel].back(), expected[channel].back()) << "beyond the row";
      }
    }
}

VIBA_FOR_EACH_INSTRUCTION_SET(InputKernels);

}  // namespace
}  // namespace viba
