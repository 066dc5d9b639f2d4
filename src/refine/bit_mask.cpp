#include "refine/bit_mask.h"

#include <algorithm>

namespace viba {
namespace {

constexpr int kBits = 64;

/// Calls `step` with steps that add up to `reach`, each no longer than what the ones before have joined (to one side,
/// as at the border), so that growing by these few leaves no gaps.
template <class Step>
void in_steps(int reach, int longest, const Step& step) {
  for (int done = 0; done < reach;) {
    const int next = std::min({done + 1, reach - done, longest});
    step(next);
    done += next;
  }
}

/// By `step` cells to both sides.
void spread(std::span<const std::uint64_t> from, std::span<std::uint64_t> to, int step) {
  std::uint64_t before = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::uint64_t word = from[i];
    const std::uint64_t after = i + 1 < from.size() ? from[i + 1] : 0;
    to[i] = word | word << step | before >> (kBits - step) | word >> step | after << (kBits - step);
    before = word;
  }
}

/// As `std::popcount`, for which baseline processors have no instruction, so that it would be a call for each word.
int bits_of(std::uint64_t word) {
  word -= word >> 1 & 0x5555555555555555U;
  word = (word & 0x3333333333333333U) + (word >> 2 & 0x3333333333333333U);
  return static_cast<int>(((word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fU) * 0x0101010101010101U >> 56);
}

}  // namespace

void BitMask::resize(Size size) {
  const int stride = (size.width + kBits - 1) / kBits;
  const auto words = std::size_t(stride) * std::size_t(size.height);
  spare_.resize(words + 3 * std::size_t(stride));
  words_.assign(words, 0);
  stride_ = stride;
  size_ = size;
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
  for (const auto word : words_) sum += bits_of(word);
  return sum;
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
  for (int y = 0; y < size_.height; ++y) {
    const auto words = row(y);
    // Nothing comes of a row without anything, and such rows are many.
    if (std::ranges::all_of(words, [](auto word) { return word == 0; })) continue;
    in_steps(cells, kBits - 1, [&](int step) { spread(words, words, step); });
  }
  clear_tails();
}

void BitMask::heighten(int cells) {
  in_steps(cells, std::max(size_.height, 1), [&](int step) {
    std::ranges::copy(words_, spare_.begin());
    const auto shift = std::min(std::size_t(step) * std::size_t(stride_), words_.size());
    for (std::size_t i = shift; i < words_.size(); ++i) words_[i] |= spare_[i - shift];
    for (std::size_t i = 0; i + shift < words_.size(); ++i) words_[i] |= spare_[i + shift];
  });
}

void BitMask::dilate(int cells) {
  widen(cells);
  heighten(cells);
}

void BitMask::erode(int cells) {
  invert();
  dilate(cells);
  invert();
}

void BitMask::grow_within(const BitMask& allowed, int steps) {
  const auto stride = static_cast<std::size_t>(stride_);
  // Rows, widened, as they were before the step: in turn that above, this one and that below.
  const auto widened = [&](int y) { return std::span(spare_).subspan(std::size_t((y + 3) % 3) * stride, stride); };
  int first = 0, last = size_.height - 1;  // rows that may change: those next to what has changed
  for (int step = 0; step < steps && first <= last; ++step) {
    const auto widen_row = [&](int y) {
      if (y >= 0 && y < size_.height)
        spread(row(y), widened(y), 1);
      else
        std::ranges::fill(widened(y), 0);
    };
    widen_row(first - 1);
    widen_row(first);
    int least = size_.height, most = -1;
    for (int y = first; y <= last; ++y) {
      widen_row(y + 1);
      const auto above = widened(y - 1), here = widened(y), below = widened(y + 1), words = row(y);
      const auto within = allowed.row(y);
      std::uint64_t changed = 0;
      for (std::size_t i = 0; i < stride; ++i) {
        const std::uint64_t grown = (above[i] | here[i] | below[i]) & within[i];
        changed |= grown ^ words[i];
        words[i] = grown;
      }
      if (changed == 0) continue;
      least = std::min(least, y);
      most = y;
    }
    first = std::max(least - 1, 0);
    last = std::min(most + 1, size_.height - 1);
  }
}

void intersect(const BitMask& first, const BitMask& second, BitMask& both) {
  both = first;
  both &= second;
}

}  // namespace viba
