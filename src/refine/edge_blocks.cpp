#include "refine/edge_blocks.h"

#include <algorithm>
#include <bit>

#include "refine/room_kernels.h"

namespace viba {
namespace {

constexpr std::uint64_t kFirstOfEach = 0x0101010101010101;

/// The lowest bit of each byte, side by side.
std::uint64_t gathered(std::uint64_t bytes) { return (bytes & kFirstOfEach) * 0x0102040810204080 >> 56; }

/// Whether any bit of each byte is set.
std::uint64_t any_of_each(std::uint64_t bytes) {
  bytes |= bytes >> 4;
  bytes |= bytes >> 2;
  return gathered(bytes | bytes >> 1);
}

/// A bit for each eight cells of a row, as `of_word` tells of 64 cells.
template <class OfWord>
std::uint64_t blocks_of(std::span<const std::uint64_t> row, const OfWord& of_word) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < row.size(); ++i) result |= of_word(row[i]) << (8 * i);
  return result;
}

}  // namespace

void EdgeBlocks::Stretches::add_row(Blocks blocks) {
  for (int block = 0; blocks != 0;) {
    const int gap = std::countr_zero(blocks);
    const int count = std::countr_one(blocks >> gap);
    all_.push_back({(block + gap) * kWidth, (block + gap + count) * kWidth});
    block += gap + count;
    blocks = gap + count < 64 ? blocks >> (gap + count) : 0;
  }
  ends_.push_back(all_.size());
}

/// An edge is where a cell is not sure, or a neighbour is surely the other.
void EdgeBlocks::find_edges(const CoarseMatte& matte, Size size, float tail) {
  for (auto* mask : {&unsure_, &sure_person_, &near_}) mask->resize(size);
  for (int y = 0; y < size.height; ++y) {
    const auto some = unsure_.row(y), whole = sure_person_.row(y), near = near_.row(y);
    levels_row({matte.data() + std::ptrdiff_t{y} * size.width, 2, {tail, 1 - tail}, {some.data(), whole.data()}},
               size.width);
    const auto whole_above = sure_person_.row(std::max(y - 1, 0));
    std::uint64_t last = whole[0] << 63;  // nothing changes at the border
    for (std::size_t i = 0; i < near.size(); ++i) {
      const std::uint64_t left = whole[i] << 1 | last >> 63;
      last = whole[i];
      near[i] = (some[i] & ~whole[i]) | (whole[i] ^ left) | (whole[i] ^ whole_above[i]);
    }
    if (const int used = size.width % 64; used != 0) near.back() &= (std::uint64_t{1} << used) - 1;
  }
  near_.dilate(kReach);
}

void EdgeBlocks::run(const CoarseMatte& matte, Size size, float tail) {
  find_edges(matte, size, tail);
  for (auto* stretches : {&edges_, &room_, &person_, &around_}) stretches->clear();
  edge_blocks_.clear();
  const int blocks = (size.width + kWidth - 1) / kWidth;
  const Blocks all = blocks < 64 ? (Blocks{1} << blocks) - 1 : ~Blocks{0};
  for (int y = 0; y < size.height; ++y) {
    const Blocks edges = blocks_of(near_.row(y), any_of_each);
    const Blocks person = blocks_of(sure_person_.row(y), gathered) & ~edges;
    edge_blocks_.push_back(edges);
    edges_.add_row(edges);
    person_.add_row(person);
    room_.add_row(all & ~edges & ~person);
  }
  for (int y = 0; y < size.height; ++y) {
    Blocks around = 0;
    for (int other = std::max(y - 2, 0); other <= std::min(y + 2, size.height - 1); ++other)
      around |= edge_blocks_[std::size_t(other)];
    around_.add_row(around);
  }
}

}  // namespace viba
