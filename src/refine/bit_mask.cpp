#include "refine/bit_mask.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace viba {
namespace {

constexpr int kBits = 64;

/// One step to both sides of a row, in place.
void spread(std::span<std::uint64_t> row) {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::uint64_t word = row[i];
    const std::uint64_t after = i + 1 < row.size() ? row[i + 1] : 0;
    row[i] = word | word << 1 | before >> (kBits - 1) | word >> 1 | after << (kBits - 1);
    before = word;
  }
}

/// The lowest bits of eight bytes, which are 0 or 1, side by side (a multiplication gathers them in the top byte).
std::uint64_t gathered(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return (word * 0x0102040810204080U) >> 56;
}

}  // namespace

void BitMask::resize(Size size) {
  size_ = size;
  stride_ = (size.width + kBits - 1) / kBits;
  words_.assign(std::size_t(stride_) * std::size_t(size.height), 0);
  above_.resize(std::size_t(stride_));
  here_.resize(std::size_t(stride_));
}

std::span<std::uint64_t> BitMask::row(int y) {
  return std::span(words_).subspan(std::size_t(y) * std::size_t(stride_), std::size_t(stride_));
}

std::span<const std::uint64_t> BitMask::row(int y) const {
  return std::span(words_).subspan(std::size_t(y) * std::size_t(stride_), std::size_t(stride_));
}

bool BitMask::test(int x, int y) const { return (row(y)[std::size_t(x / kBits)] >> (x % kBits) & 1) != 0; }

int BitMask::count() const {
  int sum = 0;
  for (const auto word : words_) sum += std::popcount(word);
  return sum;
}

void BitMask::set_row(int y, const std::uint8_t* bytes) {
  std::uint8_t ones[kBits];
  auto words = row(y);
  for (int i = 0; i < stride_; ++i) {
    const int count = std::min(kBits, size_.width - i * kBits);
    for (int k = 0; k < count; ++k) ones[k] = bytes[i * kBits + k] != 0 ? 1 : 0;
    std::fill(ones + count, ones + kBits, std::uint8_t{0});
    std::uint64_t word = 0;
    for (int k = 0; k < kBits; k += 8) word |= gathered(ones + k) << k;
    words[std::size_t(i)] = word;
  }
}

void BitMask::get_row(int y, std::uint8_t* bytes) const {
  const auto words = row(y);
  int x = 0;
  for (; x + 8 <= size_.width; x += 8) {
    // Each byte keeps the one bit of its place; adding carries it up to the highest, from where it comes down to 1.
    const std::uint64_t bits = (words[std::size_t(x / kBits)] >> (x % kBits) & 0xff) * 0x0101010101010101U;
    std::uint64_t ones = ((bits & 0x8040201008040201U) + 0x7f7f7f7f7f7f7f7fU) >> 7 & 0x0101010101010101U;
    if constexpr (std::endian::native == std::endian::big) ones = __builtin_bswap64(ones);
    std::memcpy(bytes + x, &ones, sizeof ones);
  }
  for (; x < size_.width; ++x) bytes[x] = test(x, y) ? 1 : 0;
}

void BitMask::clear_tails() {
  const int used = size_.width % kBits;
  if (used == 0) return;
  for (int y = 0; y < size_.height; ++y) row(y).back() &= (std::uint64_t{1} << used) - 1;
}

void BitMask::invert() {
  for (auto& word : words_) word = ~word;
  clear_tails();
}

BitMask& BitMask::operator&=(const BitMask& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  return *this;
}

BitMask& BitMask::operator|=(const BitMask& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  return *this;
}

BitMask& BitMask::operator-=(const BitMask& other) {
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  return *this;
}

void BitMask::widen(int cells) {
  for (int y = 0; y < size_.height; ++y)
    for (int i = 0; i < cells; ++i) spread(row(y));
  clear_tails();
}

void BitMask::heighten() {
  std::ranges::fill(above_, 0);
  for (int y = 0; y < size_.height; ++y) {
    const auto words = row(y);
    std::ranges::copy(words, here_.begin());
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::uint64_t below = y + 1 < size_.height ? row(y + 1)[i] : 0;
      words[i] |= above_[i] | below;
    }
    above_.swap(here_);
  }
}

void BitMask::dilate(int cells) {
  widen(cells);
  for (int i = 0; i < cells; ++i) heighten();
}

void BitMask::erode(int cells) {
  invert();
  dilate(cells);
  invert();
}

void BitMask::grow_within(const BitMask& allowed, int steps) {
  for (int step = 0; step < steps; ++step) {
    before_ = words_;
    dilate(1);
    *this &= allowed;
    if (words_ == before_) return;
  }
}

void intersect(const BitMask& first, const BitMask& second, BitMask& both) {
  both = first;
  both &= second;
}

}  // namespace viba
