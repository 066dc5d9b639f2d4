#include "refine/bit_mask.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace viba {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes random_bytes(Size size, double share, unsigned seed) {
  std::mt19937 random(seed);
  std::bernoulli_distribution set(share);
  Bytes bytes(std::size_t(size.width) * std::size_t(size.height));
  for (auto& byte : bytes) byte = set(random) ? 1 : 0;
  return bytes;
}

BitMask mask_of(const Bytes& bytes, Size size) {
  BitMask mask;
  mask.resize(size);
  for (int y = 0, i = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x, ++i)
      mask.row(y)[std::size_t(x / 64)] |= std::uint64_t{bytes[std::size_t(i)]} << (x % 64);
  return mask;
}

Bytes bytes_of(const BitMask& mask) {
  Bytes bytes;
  for (int y = 0; y < mask.size().height; ++y)
    for (int x = 0; x < mask.size().width; ++x) bytes.push_back(mask.test(x, y) ? 1 : 0);
  return bytes;
}

/// Whether any cell (or, for `every`, each) within `reach` is set; cells beyond the border count for neither.
Bytes neighbours(const Bytes& bytes, Size size, int reach, bool every) {
  Bytes out(bytes.size());
  for (int y = 0; y < size.height; ++y)
    for (int x = 0; x < size.width; ++x) {
      bool any = false, all = true;
      for (int v = std::max(0, y - reach); v <= std::min(size.height - 1, y + reach); ++v)
        for (int u = std::max(0, x - reach); u <= std::min(size.width - 1, x + reach); ++u) {
          const bool set = bytes[std::size_t(v) * std::size_t(size.width) + std::size_t(u)] != 0;
          any |= set;
          all &= set;
        }
      out[std::size_t(y) * std::size_t(size.width) + std::size_t(x)] = (every ? all : any) ? 1 : 0;
    }
  return out;
}

class BitMasks : public testing::TestWithParam<int> {
 protected:
  const Size size_{GetParam(), 21};
};

TEST_P(BitMasks, KeepsWhatItIsGiven) {
  const Bytes bytes = random_bytes(size_, 0.4, 1);
  const BitMask mask = mask_of(bytes, size_);
  EXPECT_EQ(bytes_of(mask), bytes);
  EXPECT_EQ(mask.count(), std::ranges::count(bytes, 1));
  EXPECT_EQ(mask.test(GetParam() - 1, 20), bytes.back() == 1);
}

TEST_P(BitMasks, GrowsAndShrinksAsTheDefinitionSays) {
  for (const int cells : {1, 2, 5, 9, 25}) {
    const Bytes few = random_bytes(size_, 0.03, 2), many = random_bytes(size_, 0.98, 3);
    BitMask grown = mask_of(few, size_), shrunk = mask_of(many, size_);
    grown.dilate(cells);
    shrunk.erode(cells);
    EXPECT_EQ(bytes_of(grown), neighbours(few, size_, cells, false)) << cells;
    EXPECT_EQ(bytes_of(shrunk), neighbours(many, size_, cells, true)) << cells;
    EXPECT_EQ(grown.count(), std::ranges::count(bytes_of(grown), 1)) << "nothing beyond the border";
  }
}

TEST_P(BitMasks, GrowsWithinWhatIsAllowed) {
  const Bytes allowed = random_bytes(size_, 0.6, 4);
  Bytes expected(allowed.size());
  for (std::size_t i = 0; i < allowed.size(); i += 37) expected[i] = allowed[i];
  BitMask mask = mask_of(expected, size_);
  mask.grow_within(mask_of(allowed, size_), 6);
  for (int step = 0; step < 6; ++step) {
    expected = neighbours(expected, size_, 1, false);
    for (std::size_t i = 0; i < allowed.size(); ++i) expected[i] &= allowed[i];
  }
  EXPECT_EQ(bytes_of(mask), expected);
}

TEST_P(BitMasks, InvertsAndCombines) {
  const Bytes first = random_bytes(size_, 0.5, 5), second = random_bytes(size_, 0.5, 6);
  BitMask inverse = mask_of(first, size_), either = inverse, less = inverse, both;
  inverse.invert();
  either |= mask_of(second, size_);
  less -= mask_of(second, size_);
  intersect(mask_of(first, size_), mask_of(second, size_), both);
  for (int i = 0; i < static_cast<int>(first.size()); ++i) {
    const int x = i % size_.width, y = i / size_.width;
    const bool a = first[std::size_t(i)] != 0, b = second[std::size_t(i)] != 0;
    ASSERT_EQ(inverse.test(x, y), !a);
    ASSERT_EQ(either.test(x, y), a || b);
    ASSERT_EQ(less.test(x, y), a && !b);
    ASSERT_EQ(both.test(x, y), a && b);
  }
  EXPECT_EQ(inverse.count(), std::ranges::count(first, 0)) << "nothing beyond the border";
}

INSTANTIATE_TEST_SUITE_P(OfManyWidths, BitMasks, testing::Values(1, 7, 63, 64, 65, 130, 320));

}  // namespace
}  // namespace viba
