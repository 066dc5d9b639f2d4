#include "media/color_kernels.h"

#include <random>
#include <vector>

#include "support/each_instruction_set.h"
#include "support/plain_media.h"

namespace viba {
namespace {

class ColorKernels : public test::EachInstructionSet {};

TEST_P(ColorKernels, ConvertRowsIsItsDefinition) {
  std::mt19937 random(5);
  for (const YuvMatrix matrix : {YuvMatrix::kBt601, YuvMatrix::kBt709, YuvMatrix::kBt2020})
    for (const YuvRange range : {YuvRange::kLimited, YuvRange::kFull})
      for (const std::size_t width : {1, 2, 3, 7, 8, 15, 16, 17, 64, 321}) {
        const auto transform = color::transform_of({matrix, range});
        // Upper and lower luma, U, V, and a byte that nobody touches.
        std::vector<std::uint8_t> pixels(6 * width + 1);
        for (auto& pixel : pixels)
          pixel = random() % 4 == 0 ? std::uint8_t(255 * (random() % 2)) : std::uint8_t(random());
        auto expected = pixels;
        const auto rows = [&](std::vector<std::uint8_t>& of) {
          std::uint8_t* first = of.data();
          return color::Rows{first, first + 2 * width, first + 4 * width, first + 5 * width};
        };
        color::convert_rows(transform, rows(pixels), static_cast<int>(width));
        plain::convert_rows(transform, rows(expected), static_cast<int>(width));
        ASSERT_EQ(pixels, expected) << width;
      }
}

VIBA_FOR_EACH_INSTRUCTION_SET(ColorKernels);

}  // namespace
}  // namespace viba
