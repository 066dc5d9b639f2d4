#include "refine/edge_blocks.h"

#include <algorithm>
#include <cstring>

namespace viba {
namespace {

/// A block's cells, a byte each.
using Cells = std::uint64_t;
static_assert(sizeof(Cells) == EdgeBlocks::kWidth && EdgeBlocks::kReach == 5);

Cells load(const std::uint8_t* cells) {
  Cells result = 0;
  std::memcpy(&result, cells, sizeof result);
  return result;
}

constexpr std::uint8_t kFirstCells[] = {255, 255, 255, 255, 255, 0, 0, 0};
constexpr std::uint8_t kLastCells[] = {0, 0, 0, 255, 255, 255, 255, 255};

enum : std::uint8_t { kSureRoom = 0, kSurePerson = 1, kUnsure = 2 };

}  // namespace

void EdgeBlocks::find_unsure(const CoarseMatte& matte, Size size, float tail) {
  const auto width = static_cast<std::size_t>(size.width);
  std::ranges::transform(matte, classes_.begin(), [=](float alpha) {
    return static_cast<std::uint8_t>((alpha >= 1 - tail) + 2 * ((alpha > tail) & (alpha < 1 - tail)));
  });
  const std::size_t pitch = static_cast<std::size_t>(blocks_ + 2) * kWidth;
  for (int y = 0; y < size.height; ++y) {
    const std::uint8_t* row = classes_.data() + static_cast<std::size_t>(y) * width;
    const std::uint8_t* above = y > 0 ? row - width : row;
    std::uint8_t* to = unsure_.data() + static_cast<std::size_t>(y) * pitch + kWidth;
    to[0] = static_cast<std::uint8_t>((row[0] & kUnsure) | (row[0] ^ above[0]));
    for (std::size_t x = 1; x < width; ++x)
      to[x] = static_cast<std::uint8_t>((row[x] & kUnsure) | (row[x] ^ row[x - 1]) | (row[x] ^ above[x]));
  }
}

void EdgeBlocks::widen(Size size) {
  const Cells first = load(kFirstCells);
  const Cells last = load(kLastCells);
  const std::uint8_t* cells = unsure_.data() + kWidth;
  auto to = near_.begin();
  for (int y = 0; y < size.height; ++y, cells += 2 * kWidth)
    for (int block = 0; block < blocks_; ++block, cells += kWidth)
      *to++ = (load(cells) | (load(cells - kWidth) & last) | (load(cells + kWidth) & first)) != 0;
}

void EdgeBlocks::choose_kinds(Size size) {
  for (int y = 0; y < size.height; ++y) {
    Kind* kinds = kinds_.data() + std::ptrdiff_t{y} * blocks_;
    const std::uint8_t* classes = classes_.data() + std::ptrdiff_t{y} * size.width;
    for (int block = 0; block < blocks_; ++block)
      kinds[block] = classes[block * kWidth] == kSurePerson ? Kind::kPerson : Kind::kRoom;
    for (int other = std::max(y - kReach, 0); other <= std::min(y + kReach, size.height - 1); ++other) {
      const std::uint8_t* near = near_.data() + std::ptrdiff_t{other} * blocks_;
      for (int block = 0; block < blocks_; ++block) kinds[block] = near[block] != 0 ? Kind::kEdge : kinds[block];
    }
  }
}

void EdgeBlocks::look_around(Size size) {
  std::ranges::fill(around_, std::uint8_t{0});
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* to = around_.data() + std::ptrdiff_t{y} * blocks_;
    for (int other = std::max(y - 2, 0); other <= std::min(y + 2, size.height - 1); ++other)
      for (int block = 0; block < blocks_; ++block)
        to[block] = static_cast<std::uint8_t>(to[block] | (row(other)[block] == Kind::kEdge));
    edges_around_[std::size_t(y)] = std::find(to, to + blocks_, std::uint8_t{1}) != to + blocks_;
  }
}

void EdgeBlocks::run(const CoarseMatte& matte, Size size, float tail) {
  blocks_ = (size.width + kWidth - 1) / kWidth;
  const auto rows = static_cast<std::size_t>(size.height);
  const std::size_t all = static_cast<std::size_t>(blocks_) * rows;
  classes_.resize(matte.size());
  unsure_.assign((all + 2 * rows) * kWidth, 0);
  near_.resize(all);
  kinds_.resize(all);
  around_.resize(all);
  edges_around_.resize(rows);
  find_unsure(matte, size, tail);
  widen(size);
  choose_kinds(size);
  look_around(size);
}

}  // namespace viba
