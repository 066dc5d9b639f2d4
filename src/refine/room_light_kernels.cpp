#include "refine/room_light_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/room_light_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include <hwy/highway.h>

#include "refine/cell_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {

constexpr int kBins = 512;
constexpr int kNoChange = kBins / 2;

/// The low parts of whole numbers, each of which is four of the others side by side.
template <class D, class T>
HWY_INLINE void take_parts(D d, const T* from, int skipped, T* to) {
  const hn::Rebind<T, D> narrow;
  const hn::Repartition<T, D> all;
  for (std::size_t i = 0; i < 16; i += hn::Lanes(d)) {
    const auto fours = hn::BitCast(d, hn::LoadU(all, from + 4 * i));
    const auto part = hn::ShiftRightSame(fours, skipped * static_cast<int>(8 * sizeof(T)));
    hn::StoreU(hn::TruncateTo(narrow, part), narrow, to + i);
  }
}

void fourths(const std::uint8_t* now, const std::uint16_t* then, int skipped, std::uint8_t* to_now,
             std::uint16_t* to_then) {
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 16; ++i) to_now[i] = now[4 * i + skipped], to_then[i] = then[4 * i + skipped];
#else
  take_parts(hn::CappedTag<std::uint32_t, 16>(), now, skipped, to_now);
  take_parts(hn::CappedTag<std::uint64_t, 16>(), then, skipped, to_then);
#endif
}

/// Which of so many whole levels each change lies next to. What was learnt in another light may lie beyond the range of
/// a picture.
void find_bins(const LevelPairs& pairs, std::uint16_t* bins) {
  over_cells(hn::ScalableTag<std::uint16_t>(), 0, static_cast<int>(pairs.count), [&](auto d, int x) {
    const auto now = hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, decltype(d)>(), pairs.now + x));
    const auto least = hn::Add(hn::ShiftLeft<7>(now), hn::Set(d, kNoChange * 128 + 64));
    const auto bin = hn::ShiftRight<7>(hn::SaturatedSub(least, hn::LoadU(d, pairs.then + x)));
    hn::StoreU(hn::Min(bin, hn::Set(d, kBins - 1)), d, bins + x);
  });
}

std::size_t count_up_to(int bin, const std::uint16_t* bins, std::size_t count) {
  std::size_t found = 0;
  over_cells(hn::ScalableTag<std::int16_t>(), 0, static_cast<int>(count), [&](auto d, int x) {
    const hn::RebindToUnsigned<decltype(d)> stored;
    const auto value = hn::BitCast(d, hn::LoadU(stored, bins + x));
    found += hn::CountTrue(d, hn::Lt(value, hn::Set(d, static_cast<std::int16_t>(bin + 1))));
  });
  return found;
}

/// By bisection, as counting a whole vector at once is quicker than a histogram, whose every step waits for the last.
int median(const LevelPairs& pairs, std::uint16_t* scratch) {
  if (pairs.count == 0) return 0;
  find_bins(pairs, scratch);
  int low = 0, high = kBins - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (count_up_to(middle, scratch, pairs.count) > pairs.count / 2)
      high = middle;
    else
      low = middle + 1;
  }
  return low - kNoChange;
}

/// Of whole numbers of 32 bits that would not fit 32 bits together.
template <class D>
struct LongSum {
  D d;
  hn::Vec<D> low = hn::Zero(d), high = hn::Zero(d);

  HWY_INLINE void add(hn::Vec<D> value) {
    low = hn::Add(low, hn::And(value, hn::Set(d, 0xffff)));
    high = hn::Add(high, hn::ShiftRight<16>(value));
  }
  [[nodiscard]] HWY_INLINE std::uint64_t total() const {
    return hn::GetLane(hn::SumOfLanes(d, low)) + (std::uint64_t{hn::GetLane(hn::SumOfLanes(d, high))} << 16);
  }
};

/// Those from `begin` on that fill vectors. Returns where the rest begins.
template <class D>
std::size_t add_sums(D d, const LevelPairs& pairs, std::size_t begin, int median, int near, LevelSums& sums) {
  const hn::RebindToSigned<D> whole;
  const auto middle = hn::Set(whole, median * 128), limit = hn::Set(whole, near * 128);
  const std::size_t step = hn::Lanes(d);
  auto now_sum = hn::Zero(d);
  LongSum<D> then_sum{d}, squares{d}, products{d};
  std::size_t x = begin;
  for (; x + step <= pairs.count; x += step) {
    const auto now = hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, D>(), pairs.now + x));
    const auto then = hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint16_t, D>(), pairs.then + x));
    const auto change = hn::Sub(hn::BitCast(whole, hn::ShiftLeft<7>(now)), hn::BitCast(whole, then));
    const auto is_near = hn::Lt(hn::Abs(hn::Sub(change, middle)), limit);
    const auto keep = hn::BitCast(d, hn::VecFromMask(whole, is_near));
    sums.count += hn::CountTrue(whole, is_near);
    const auto kept = hn::And(then, keep);
    now_sum = hn::Add(now_sum, hn::And(now, keep));
    then_sum.add(kept);
    squares.add(hn::Mul(kept, kept));
    products.add(hn::Mul(kept, now));
  }
  sums.now += hn::GetLane(hn::SumOfLanes(d, now_sum));
  sums.then += then_sum.total();
  sums.squares_of_then += squares.total();
  sums.products += products.total();
  return x;
}

LevelSums sums(const LevelPairs& pairs, int median, int near) {
  LevelSums all;
  const std::size_t rest = add_sums(hn::ScalableTag<std::uint32_t>(), pairs, 0, median, near, all);
  add_sums(hn::CappedTag<std::uint32_t, 1>(), pairs, rest, median, near, all);
  return all;
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(fourths);
HWY_EXPORT(median);
HWY_EXPORT(sums);

void take_fourths(const std::uint8_t* now, const std::uint16_t* then, int skipped, std::uint8_t* to_now,
                  std::uint16_t* to_then) {
  HWY_DYNAMIC_DISPATCH(fourths)(now, then, skipped, to_now, to_then);
}
int median_change(const LevelPairs& pairs, std::uint16_t* scratch) {
  return HWY_DYNAMIC_DISPATCH(median)(pairs, scratch);
}
LevelSums sums_near(const LevelPairs& pairs, int median, int near) {
  return HWY_DYNAMIC_DISPATCH(sums)(pairs, median, near);
}

}  // namespace viba
#endif
