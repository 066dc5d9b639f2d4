#include "composite/edge_kernels.h"

#include <algorithm>
#include <cstring>

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "composite/edge_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Wide = hn::CappedTag<std::int32_t, kCell>;
using Pixels = hn::Rebind<std::uint8_t, Wide>;
using Words = hn::Rebind<std::uint16_t, Wide>;

constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

/// A row of a cell.
HWY_INLINE std::uint64_t eight(const std::uint8_t* bytes) {
  std::uint64_t row = 0;
  std::memcpy(&row, bytes, sizeof row);
  return row;
}

/// The numbers of a row of pixels in `kMostCells` cells, between the rows of cells.
class Line {
 public:
  static constexpr int kMostCells = 32;

  /// `y` of 0..7 is the row within the cells.
  HWY_INLINE void mix(const CellRows& cells, std::ptrdiff_t first, int count, int y) {
    // In sixteenths: how far the row's centre lies from that of its cells, towards the nearer neighbours.
    const int off = 2 * y - (kCell - 1);
    const auto part = static_cast<std::uint16_t>(off < 0 ? -off : off);
    const std::uint16_t* here = cells.here + first - 1;
    const std::uint16_t* other = (off < 0 ? cells.above : cells.below) + first - 1;
    const hn::CappedTag<std::uint16_t, kMostLanes> d;
    for (int x = 0; x < count + 2; x += static_cast<int>(hn::Lanes(d))) {
      const auto sum = hn::Add(hn::Mul(hn::LoadU(d, here + x), hn::Set(d, static_cast<std::uint16_t>(16 - part))),
                               hn::Mul(hn::LoadU(d, other + x), hn::Set(d, part)));
      hn::StoreU(hn::ShiftRight<4>(hn::Add(sum, hn::Set(d, 8))), d, values_ + x);
    }
  }

  /// At the pixels of a cell from `x` on.
  HWY_INLINE hn::Vec<Wide> at(int cell, int x) const {
    // Sixteenths of the way, for pixels whose centres lie beside the cell's.
    HWY_ALIGN static constexpr std::uint16_t kLeft[kCell] = {7, 5, 3, 1, 0, 0, 0, 0};
    HWY_ALIGN static constexpr std::uint16_t kMiddle[kCell] = {9, 11, 13, 15, 15, 13, 11, 9};
    HWY_ALIGN static constexpr std::uint16_t kRight[kCell] = {0, 0, 0, 0, 1, 3, 5, 7};
    const Words d;
    const auto part = [&](int of, const std::uint16_t* weights)
                          HWY_ATTR { return hn::Mul(hn::Set(d, values_[of]), hn::Load(d, weights + x)); };
    const auto sum = hn::Add(hn::Add(part(cell, kLeft), part(cell + 1, kMiddle)), part(cell + 2, kRight));
    return hn::PromoteTo(Wide(), hn::ShiftRight<4>(hn::Add(sum, hn::Set(d, 8))));
  }

 private:
  std::uint16_t values_[kMostCells + 2 + kMostLanes];
};

HWY_INLINE hn::Vec<Wide> load(const std::uint8_t* from) { return hn::PromoteTo(Wide(), hn::LoadU(Pixels(), from)); }

HWY_INLINE CellKind kind_of(std::uint64_t any, std::uint64_t all) {
  return any == 0 ? CellKind::kBehind : all == kAllOnes ? CellKind::kPerson : CellKind::kEdge;
}

void FindKinds(const std::uint8_t* alpha, int stride, int rows, int count, CellKind* kinds) {
  int cell = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint64_t> d;
  const hn::Repartition<std::uint8_t, decltype(d)> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; cell + lanes <= count; cell += lanes) {
    auto any = hn::Zero(d);
    auto all = hn::Set(d, kAllOnes);
    for (int y = 0; y < rows; ++y) {
      const auto row = hn::BitCast(d, hn::LoadU(bytes, alpha + std::ptrdiff_t{y} * stride + kCell * cell));
      any = hn::Or(any, row);
      all = hn::And(all, row);
    }
    const auto kind = [&](CellKind one) HWY_ATTR { return hn::Set(d, static_cast<std::uint64_t>(one)); };
    const auto some = hn::IfThenElse(hn::Eq(all, hn::Set(d, kAllOnes)), kind(CellKind::kPerson), kind(CellKind::kEdge));
    const auto found = hn::IfThenElse(hn::Eq(any, hn::Zero(d)), kind(CellKind::kBehind), some);
    const hn::Rebind<std::uint8_t, decltype(d)> narrow;
    HWY_ALIGN std::uint8_t stored[hn::MaxLanes(d)];
    hn::Store(hn::TruncateTo(narrow, found), narrow, stored);
    std::memcpy(kinds + cell, stored, static_cast<std::size_t>(lanes));
  }
#endif
  for (; cell < count; ++cell) {
    std::uint64_t any = 0;
    std::uint64_t all = kAllOnes;
    for (int y = 0; y < rows; ++y) {
      const std::uint64_t row = eight(alpha + std::ptrdiff_t{y} * stride + kCell * cell);
      any |= row;
      all &= row;
    }
    kinds[cell] = kind_of(any, all);
  }
}

#if HWY_TARGET == HWY_SCALAR
void SumCell(const CellPixels& cell, std::int32_t* sums, std::ptrdiff_t pitch) {
  std::int32_t found[kCellSums] = {};
  for (int i = 0; i < kCell * cell.rows; ++i) {
    const int pixel = cell.picture[std::ptrdiff_t{i / kCell} * cell.picture_stride + i % kCell];
    const int a = cell.alpha[std::ptrdiff_t{i / kCell} * cell.alpha_stride + i % kCell];
    const int of_person = a * a / 256;
    const int of_room = (255 - a) * (255 - a) / 256;
    found[kOfPerson] += pixel * of_person;
    found[kPersonAlpha] += a * of_person;
    found[kPersonWeight] += of_person;
    found[kOfRoom] += pixel * of_room;
    found[kRoomAlpha] += a * of_room;
    found[kRoomWeight] += of_room;
  }
  for (std::size_t i = 0; i < kCellSums; ++i) sums[static_cast<std::ptrdiff_t>(i) * pitch] = found[i];
}
#else
void SumCell(const CellPixels& cell, std::int32_t* sums, std::ptrdiff_t pitch) {
  const hn::CappedTag<std::int16_t, kCell> d;
  const hn::RepartitionToWide<decltype(d)> wide;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  hn::Vec<decltype(wide)> low[4];
  hn::Vec<decltype(wide)> high[4];
  for (auto* sum : {low, high}) std::fill_n(sum, 4, hn::Zero(wide));
  auto person_weight = hn::Zero(d);
  auto room_weight = hn::Zero(d);
  const std::uint8_t* picture = cell.picture;
  const std::uint8_t* alpha = cell.alpha;
  for (int y = 0; y < cell.rows; ++y, picture += cell.picture_stride, alpha += cell.alpha_stride) {
    const auto pixel = hn::PromoteTo(d, hn::LoadU(bytes, picture));
    const auto a = hn::PromoteTo(d, hn::LoadU(bytes, alpha));
    const hn::RebindToUnsigned<decltype(d)> words;
    const auto squared = [&](auto x)
                             HWY_ATTR { return hn::BitCast(d, hn::ShiftRight<8>(hn::BitCast(words, hn::Mul(x, x)))); };
    const auto of_person = squared(a);
    const auto of_room = squared(hn::Sub(hn::Set(d, 255), a));
    const auto add = [&](int i, auto x, auto weight)
                         HWY_ATTR { low[i] = hn::ReorderWidenMulAccumulate(wide, x, weight, low[i], high[i]); };
    add(0, pixel, of_person);
    add(1, a, of_person);
    add(2, pixel, of_room);
    add(3, a, of_room);
    person_weight = hn::Add(person_weight, of_person);
    room_weight = hn::Add(room_weight, of_room);
  }
  const auto total = [&](auto lanes) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(wide, lanes)); };
  const auto weight = [&](auto lanes) HWY_ATTR {
    auto rest = hn::Zero(wide);
    const auto pairs = hn::ReorderWidenMulAccumulate(wide, lanes, hn::Set(d, 1), hn::Zero(wide), rest);
    return total(hn::Add(pairs, rest));
  };
  sums[kOfPerson * pitch] = total(hn::Add(low[0], high[0]));
  sums[kPersonAlpha * pitch] = total(hn::Add(low[1], high[1]));
  sums[kPersonWeight * pitch] = weight(person_weight);
  sums[kOfRoom * pitch] = total(hn::Add(low[2], high[2]));
  sums[kRoomAlpha * pitch] = total(hn::Add(low[3], high[3]));
  sums[kRoomWeight * pitch] = weight(room_weight);
}
#endif

void SumCells(const CellPixels& pixels, int count, std::int32_t* sums, std::ptrdiff_t pitch) {
  CellPixels cell = pixels;
  for (int i = 0; i < count; ++i, cell.picture += kCell, cell.alpha += kCell) SumCell(cell, sums + i, pitch);
}

#if HWY_TARGET == HWY_SCALAR
void AddUpCells(const std::uint8_t* pixels, int stride, int rows, int count, std::int32_t* sums) {
  for (int cell = 0; cell < count; ++cell) {
    sums[cell] = 0;
    for (int i = 0; i < kCell * rows; ++i)
      sums[cell] += pixels[std::ptrdiff_t{i / kCell} * stride + kCell * cell + i % kCell];
  }
}
#else
/// Two cells at once: there are seldom many side by side that are near an edge and have none.
void AddUpCells(const std::uint8_t* pixels, int stride, int rows, int count, std::int32_t* sums) {
  const auto add_up = [&](auto d, int cell) HWY_ATTR {
    const hn::Repartition<std::uint8_t, decltype(d)> bytes;
    const std::uint8_t* row = pixels + kCell * cell;
    auto sum = hn::SumsOf8(hn::LoadU(bytes, row));
    for (int y = 1; y < rows; ++y) sum = hn::Add(sum, hn::SumsOf8(hn::LoadU(bytes, row += stride)));
    HWY_ALIGN std::uint64_t found[2];
    hn::Store(sum, d, found);
    for (std::size_t i = 0; i < hn::Lanes(d); ++i) sums[static_cast<std::size_t>(cell) + i] = std::int32_t(found[i]);
  };
  const hn::FixedTag<std::uint64_t, 2> two;
  const hn::FixedTag<std::uint64_t, 1> one;
  int cell = 0;
  for (; cell + 2 <= count; cell += 2) add_up(two, cell);
  if (cell < count) add_up(one, cell);
}
#endif

template <class D>
struct Colors {
  hn::Vec<D> person, room;
};

/// Where all six sums have a weight, and also where one of the two has none, which is undone later.
template <class D, class V>
HWY_INLINE Colors<D> unmix(D d, const V (&sums)[kCellSums], V known, V trust) {
  constexpr float kLeast = 0.3F;  // of a denominator, so that noise is not enlarged too much
  constexpr float kNone = 1e-9F;
  const auto zero = hn::Zero(d);
  const auto white = hn::Set(d, 255.0F);
  const auto least = hn::Set(d, kLeast);
  const auto learnt = [&](V guess) HWY_ATTR { return hn::MulAdd(trust, hn::Sub(known, guess), guess); };
  const auto mean = [&](CellSum sum, CellSum weight)
                        HWY_ATTR { return hn::Div(sums[sum], hn::Max(sums[weight], hn::Set(d, 1.0F))); };
  const auto mean_alpha = [&](CellSum sum, CellSum weight) HWY_ATTR {
    return hn::Div(sums[sum], hn::Max(hn::Mul(sums[weight], white), hn::Set(d, kNone)));
  };
  const auto person = mean(kOfPerson, kPersonWeight);
  const auto room = mean(kOfRoom, kRoomWeight);
  const auto person_alpha = mean_alpha(kPersonAlpha, kPersonWeight);
  const auto room_alpha = mean_alpha(kRoomAlpha, kRoomWeight);
  const auto contrast = hn::Div(hn::Sub(person, room), hn::Max(hn::Sub(person_alpha, room_alpha), least));
  const auto alone = hn::Min(hn::Max(hn::NegMulAdd(room_alpha, contrast, room), zero), white);
  const auto pure_room = learnt(alone);
  const auto more = hn::Div(hn::Sub(hn::Set(d, 1.0F), person_alpha), hn::Max(person_alpha, least));
  const auto pure_person = hn::MulAdd(more, hn::Sub(person, pure_room), person);
  // A colour that is nowhere to be seen has no weight; it only has to be one.
  const auto no_person = hn::Eq(sums[kPersonWeight], zero);
  const auto no_room = hn::Eq(sums[kRoomWeight], zero);
  return {hn::IfThenElse(no_person, room, hn::IfThenElse(no_room, person, hn::Min(hn::Max(pure_person, zero), white))),
          hn::IfThenElse(no_person, learnt(room), hn::IfThenElse(no_room, learnt(person), pure_room))};
}

void UnmixCells(const Surroundings& around, int count, std::uint16_t* person, std::uint16_t* room) {
  const hn::CappedTag<float, kMostLanes> d;
  const hn::RebindToSigned<decltype(d)> integers;
  const hn::Rebind<std::uint16_t, decltype(d)> words;
  using V = hn::Vec<decltype(d)>;
  const auto in_steps = [&](V level) HWY_ATTR {
    return hn::DemoteTo(words, hn::ConvertTo(integers, hn::MulAdd(level, hn::Set(d, 16.0F), hn::Set(d, 0.5F))));
  };
  for (int x = 0; x < count; x += static_cast<int>(hn::Lanes(d))) {
    V sums[kCellSums];
    for (std::size_t i = 0; i < kCellSums; ++i) {
      const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * around.pitch + x;
      const auto tent = [&](const std::int32_t* row) HWY_ATTR {
        const auto middle = hn::LoadU(integers, row + at);
        const auto sides = hn::Add(hn::LoadU(integers, row + at - 1), hn::LoadU(integers, row + at + 1));
        return hn::Add(sides, hn::Add(middle, middle));
      };
      const auto middle = tent(around.sums[1]);
      const auto sides = hn::Add(tent(around.sums[0]), tent(around.sums[2]));
      const auto near = hn::Add(sides, hn::Add(middle, middle));
      sums[i] = hn::Add(hn::ConvertTo(d, near), hn::LoadU(d, around.far + at));
    }
    const auto colors = unmix(d, sums, hn::LoadU(d, around.room_color + x), hn::LoadU(d, around.room_trust + x));
    hn::StoreU(in_steps(colors.person), words, person + x);
    hn::StoreU(in_steps(colors.room), words, room + x);
  }
}

struct EdgePixels {
  const std::uint8_t* picture;
  const std::uint8_t* behind;
  const std::uint8_t* alpha;
  std::uint8_t* out;
};

/// In 32 bits. What is rounded is only ever a quotient or a product, which every instruction set
/// rounds alike; sums are of integers.
HWY_INLINE void BlendEdgePixels(const EdgePixels& row, const Line& person_near, const Line& room_near, int cell,
                                const EdgeVariances& variances) {
  const Wide d;
  const hn::Rebind<float, Wide> real;
  const auto per_person = hn::Set(d, variances.person);
  const auto per_room = hn::Set(d, variances.room);
  const auto per_noise = hn::Set(d, 255 * variances.noise);
  for (int x = 0; x < kCell; x += static_cast<int>(hn::Lanes(d))) {
    const auto a = load(row.alpha + x);
    const auto rest = hn::Sub(hn::Set(d, 255), a);
    const auto person = person_near.at(cell, x);
    const auto room = room_near.at(cell, x);
    const auto contrast = hn::Sub(person, room);
    const auto expected = hn::Add(hn::Mul(a, person), hn::Mul(rest, room));
    const auto surprise = hn::Sub(hn::Mul(load(row.picture + x), hn::Set(d, 255 * 16)), expected);
    const auto believed = hn::Mul(a, per_person);
    const auto noise = hn::Add(per_noise, hn::ShiftRight<6>(hn::Mul(contrast, contrast)));
    const auto doubt = hn::Mul(rest, hn::Add(hn::Mul(rest, per_room), noise));
    const auto variance = hn::Add(hn::Mul(a, believed), doubt);
    const auto gain = hn::Div(hn::ConvertTo(real, believed), hn::ConvertTo(real, variance));
    const auto moved = hn::Add(person, hn::NearestInt(hn::Mul(gain, hn::ConvertTo(real, surprise))));
    const auto own = hn::Min(hn::Max(moved, hn::Zero(d)), hn::Set(d, 255 * 16));
    const auto mixed = hn::Add(hn::Mul(a, own), hn::Mul(rest, hn::ShiftLeft<4>(load(row.behind + x))));
    const auto sum = hn::Add(hn::ShiftRight<4>(hn::Add(mixed, hn::Set(d, 8))), hn::Set(d, 128));
    hn::StoreU(hn::DemoteTo(Pixels(), hn::ShiftRight<8>(hn::Add(sum, hn::ShiftRight<8>(sum)))), Pixels(), row.out + x);
  }
}

/// Many rows of cells at the edge are wholly the one or the other.
HWY_INLINE void BlendCellRow(const EdgePixels& row, const Line& person_near, const Line& room_near, int cell,
                             const EdgeVariances& variances) {
  const std::uint64_t alpha = eight(row.alpha);
  if (alpha == 0 || alpha == kAllOnes)
    std::memcpy(row.out, alpha == 0 ? row.behind : row.picture, kCell);
  else
    BlendEdgePixels(row, person_near, room_near, cell, variances);
}

/// The picture's edge cuts the last cell off: it is worked on elsewhere, whole.
template <class Work>
HWY_INLINE void InWholeCell(const EdgePixels& row, int count, const Work& work) {
  std::uint8_t cut[4][kCell] = {};
  const auto bytes = static_cast<std::size_t>(count);
  std::memcpy(cut[0], row.picture, bytes);
  std::memcpy(cut[1], row.behind, bytes);
  std::memcpy(cut[2], row.alpha, bytes);
  std::memcpy(cut[3], row.out, bytes);
  work(EdgePixels{cut[0], cut[1], cut[2], cut[3]});
  std::memcpy(row.out, cut[3], bytes);
}

/// Calls `mix(first, count, y)` for each row of up to `Line::kMostCells` cells, then `work(row, cell)` for each of
/// those.
template <class Mix, class Work>
HWY_INLINE void ForEachRowOfCells(const EdgePixels& from, const int (&strides)[4], int rows, int width, const Mix& mix,
                                  const Work& work) {
  const int cells = (width + kCell - 1) / kCell;
  for (int first = 0; first < cells; first += Line::kMostCells) {
    const int count = std::min(cells - first, Line::kMostCells);
    for (int y = 0; y < rows; ++y) {
      mix(first, count, y);
      for (int cell = 0; cell < count; ++cell) {
        const std::ptrdiff_t x = std::ptrdiff_t{first + cell} * kCell;
        const auto at = [&](int i) { return std::ptrdiff_t{y} * strides[i] + x; };
        const EdgePixels row{from.picture + at(0), from.behind + at(1), from.alpha + at(2), from.out + at(3)};
        const auto here = [&](const EdgePixels& pixels) HWY_ATTR { work(pixels, cell); };
        if (x + kCell <= width)
          here(row);
        else
          InWholeCell(row, width - static_cast<int>(x), here);
      }
    }
  }
}

/// Begins to load what is needed soon: short pieces of many rows are what processors do not foresee.
HWY_INLINE void Fetch(const std::uint8_t* pixels, int stride, int rows, int width) {
  constexpr int kCacheLine = 64;
  for (int y = 0; y < rows; ++y, pixels += stride)
    for (int x = 0; x < width; x += kCacheLine) hwy::Prefetch(pixels + x);
}

void BlendEdgeCells(const EdgeCells& cells, const EdgeVariances& variances) {
  const CellPixels& pixels = cells.pixels;
  Fetch(pixels.picture, pixels.picture_stride, pixels.rows, cells.width);
  Fetch(cells.behind, cells.behind_stride, pixels.rows, cells.width);
  Fetch(pixels.alpha, pixels.alpha_stride, pixels.rows, cells.width);
  Line person_near, room_near;
  ForEachRowOfCells(
      {pixels.picture, cells.behind, pixels.alpha, cells.out},
      {pixels.picture_stride, cells.behind_stride, pixels.alpha_stride, cells.out_stride}, pixels.rows, cells.width,
      [&](int first, int count, int y) HWY_ATTR {
        person_near.mix(cells.person_near, first, count, y);
        room_near.mix(cells.room_near, first, count, y);
      },
      [&](const EdgePixels& row, int cell) HWY_ATTR { BlendCellRow(row, person_near, room_near, cell, variances); });
}

HWY_INLINE void LightPixels(const EdgePixels& row, const Line& lights, const Line& shares, int cell) {
  const Wide d;
  const hn::Rebind<float, Wide> real;
  for (int x = 0; x < kCell; x += static_cast<int>(hn::Lanes(d))) {
    const auto a = load(row.alpha + x);
    const auto share = hn::ConvertTo(real, shares.at(cell, x));
    const auto out = load(row.out + x);
    const auto rest = hn::Sub(hn::Set(d, 255), a);
    const auto lit = hn::Add(hn::Mul(a, lights.at(cell, x)), hn::Mul(rest, hn::ShiftLeft<4>(load(row.behind + x))));
    const auto way = hn::ConvertTo(real, hn::Sub(lit, hn::Mul(out, hn::Set(d, 255 * 16))));
    const auto part = hn::Mul(share, hn::Set(real, 1.0F / (255 * 16) / (255 * 16)));
    hn::StoreU(hn::DemoteTo(Pixels(), hn::Add(out, hn::NearestInt(hn::Mul(way, part)))), Pixels(), row.out + x);
  }
}

void LightCells(const LitCells& cells) {
  Line light, share;
  ForEachRowOfCells(
      {cells.out, cells.behind, cells.alpha, cells.out},
      {cells.out_stride, cells.behind_stride, cells.alpha_stride, cells.out_stride}, cells.rows, cells.width,
      [&](int first, int count, int y) HWY_ATTR {
        light.mix(cells.light, first, count, y);
        share.mix(cells.share, first, count, y);
      },
      [&](const EdgePixels& row, int cell) HWY_ATTR {
        if (eight(row.alpha) != 0) LightPixels(row, light, share, cell);
      });
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(FindKinds);
HWY_EXPORT(SumCells);
HWY_EXPORT(AddUpCells);
HWY_EXPORT(UnmixCells);
HWY_EXPORT(BlendEdgeCells);
HWY_EXPORT(LightCells);

void find_kinds(const std::uint8_t* alpha, int stride, int rows, int count, CellKind* kinds) {
  HWY_DYNAMIC_DISPATCH(FindKinds)(alpha, stride, rows, count, kinds);
}

void sum_cells(const CellPixels& pixels, int count, std::int32_t* sums, std::ptrdiff_t pitch) {
  HWY_DYNAMIC_DISPATCH(SumCells)(pixels, count, sums, pitch);
}

void add_up_cells(const std::uint8_t* pixels, int stride, int rows, int count, std::int32_t* sums) {
  HWY_DYNAMIC_DISPATCH(AddUpCells)(pixels, stride, rows, count, sums);
}

void unmix_cells(const Surroundings& around, int count, std::uint16_t* person, std::uint16_t* room) {
  HWY_DYNAMIC_DISPATCH(UnmixCells)(around, count, person, room);
}

void blend_edge_cells(const EdgeCells& cells, const EdgeVariances& variances) {
  HWY_DYNAMIC_DISPATCH(BlendEdgeCells)(cells, variances);
}

void light_cells(const LitCells& cells) { HWY_DYNAMIC_DISPATCH(LightCells)(cells); }

}  // namespace viba
#endif
