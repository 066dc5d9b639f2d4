#include "refine/room_matting_kernels.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace viba {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Bits = std::vector<std::uint64_t>;
using Columns = std::array<std::vector<std::uint16_t>, 4>;

ColourColumns at(Columns& columns, std::ptrdiff_t first) {
  return {{columns[0].data() + first, columns[1].data() + first, columns[2].data() + first, columns[3].data() + first}};
}

class RoomMattingKernels : public testing::TestWithParam<std::int64_t> {
 protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }

  Bytes bytes(std::size_t width) {
    Bytes row(width);
    for (auto& value : row) value = std::uint8_t(random_());
    return row;
  }
  Bits bits(std::size_t width) {
    Bits row((width + 63) / 64);
    for (std::size_t x = 0; x < width; ++x) row[x / 64] |= std::uint64_t{random_() % 5 < 2} << (x % 64);
    return row;
  }
  static bool test(const Bits& row, std::size_t x) { return (row[x / 64] >> (x % 64) & 1) != 0; }

  std::mt19937 random_{5};
};

constexpr std::size_t kWidths[] = {1, 7, 32, 64, 65, 131, 320};

TEST_P(RoomMattingKernels, AddARowAndTakeAnotherAway) {
  for (const std::size_t width : kWidths)
    for (const std::size_t begin : {0U, 32U}) {
      if (begin >= width) continue;
      const std::array<Bytes, 3> in{bytes(width), bytes(width), bytes(width)},
          out{bytes(width), bytes(width), bytes(width)};
      const Bits in_person = bits(width), out_person = bits(width);
      const PersonRow enters{in[0].data(), in[1].data(), in[2].data(), in_person.data()};
      const PersonRow leaves{out[0].data(), out[1].data(), out[2].data(), out_person.data()};
      Columns columns, expected;
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t x = 0; x < width; ++x) columns[i].push_back(std::uint16_t(300 + random_() % 3000));
        expected[i] = columns[i];
        for (std::size_t x = begin; x < width; ++x) {
          const int more = test(in_person, x) ? (i < 3 ? in[i][x] : 1) : 0;
          const int less = test(out_person, x) ? (i < 3 ? out[i][x] : 1) : 0;
          expected[i][x] = std::uint16_t(expected[i][x] + more - less);
        }
      }
      const auto from = static_cast<int>(begin), to = static_cast<int>(width);
      slide_columns(&enters, nullptr, at(columns, 0), from, to);
      slide_columns(nullptr, &leaves, at(columns, 0), from, to);
      EXPECT_EQ(columns, expected) << width << " from " << begin;
      slide_columns(&leaves, &enters, at(columns, 0), from, to);
      slide_columns(&enters, &leaves, at(columns, 0), from, to);
      EXPECT_EQ(columns, expected) << width << " from " << begin;
    }
}

TEST_P(RoomMattingKernels, SumThirteenColumnsWhereWanted) {
  for (const std::size_t width : kWidths) {
    const Bits wanted = bits(width);
    Columns columns, around;
    for (std::size_t i = 0; i < 4; ++i) {
      columns[i].assign(width + 6 + 6 + kColourStep, 0);
      for (std::size_t x = 0; x < width; ++x) columns[i][x + 6] = std::uint16_t(random_() % 3316);
      around[i].resize(width + kColourStep);
    }
    sum_columns(at(columns, kColourReach), wanted.data(), at(around, 0), static_cast<int>(width));
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t x = 0; x < width; ++x) {
        if (!test(wanted, x)) continue;
        int sum = 0;
        for (std::size_t k = 0; k < 13; ++k) sum += columns[i][x + k];
        ASSERT_EQ(around[i][x], sum) << x << " of " << width;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Each, RoomMattingKernels, testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& each) { return hwy::TargetName(each.param); });

}  // namespace
}  // namespace viba
