#include "refine/edge_blocks.h"

#include <algorithm>
#include <bit>

#include "refine/room_kernels.h"

namespace viba {
namespace {

static_assert(kMostCells <= EdgeBlocks::kWidth * 64, "a word holds the blocks of a row");

/// A bit for each eight cells of a row: whether any of them is set.
std::uint64_t blocks_of(std::span<const std::uint64_t> row) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    std::uint64_t bytes = row[i] | row[i] >> 4;
    bytes |= bytes >> 2;
    bytes = (bytes | bytes >> 1) & 0x0101010101010101;
    result |= (bytes * 0x0102040810204080 >> 56) << (8 * i);  // the lowest bit of each byte, side by side
  }
  return result;
}

}  // namespace

void EdgeBlocks::Stretches::clear() {
  all_.clear();
  ends_.clear();
}

void EdgeBlocks::Stretches::add_row(std::span<const std::uint64_t> bits, int count, int cells) {
  std::uint64_t last = 0;
  int begin = -1;
  for (int i = 0; i < static_cast<int>(bits.size()); ++i) {
    const std::uint64_t word = bits[std::size_t(i)];
    for (std::uint64_t changes = word ^ (word << 1 | last); changes != 0; changes &= changes - 1) {
      const int at = (i * 64 + std::countr_zero(changes)) * cells;
      if (begin >= 0) all_.push_back({begin, at});
      begin = begin >= 0 ? -1 : at;
    }
    last = word >> 63;
  }
  if (begin >= 0) all_.push_back({begin, count * cells});
  ends_.push_back(all_.size());
}

/// An edge is where a cell is not sure, and where those that surely are the person begin or end.
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

void EdgeBlocks::find_blocks(Size size) {
  const int count = (size.width + kWidth - 1) / kWidth;
  near_blocks_.clear();
  for (int y = 0; y < size.height; ++y) {
    near_blocks_.push_back(blocks_of(near_.row(y)));
    blocks_.add_row({&near_blocks_.back(), 1}, count, kWidth);
  }
  for (int y = 0; y < size.height; ++y) {
    std::uint64_t around = 0;
    for (int other = std::max(y - 2, 0); other <= std::min(y + 2, size.height - 1); ++other)
      around |= near_blocks_[std::size_t(other)];
    around_.add_row({&around, 1}, count, kWidth);
  }
}

void EdgeBlocks::run(const CoarseMatte& matte, Size size, float tail) {
  find_edges(matte, size, tail);
  sure_room_ = sure_person_;
  sure_room_ |= near_;
  sure_room_.invert();
  sure_person_ -= near_;
  for (auto* stretches : {&edges_, &room_, &person_, &blocks_, &around_}) stretches->clear();
  for (int y = 0; y < size.height; ++y) {
    edges_.add_row(near_.row(y), size.width, 1);
    room_.add_row(sure_room_.row(y), size.width, 1);
    person_.add_row(sure_person_.row(y), size.width, 1);
  }
  find_blocks(size);
}

}  // namespace viba
