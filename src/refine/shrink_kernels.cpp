#include "refine/shrink_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/shrink_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::shrink::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Sums = hn::ScalableTag<std::uint16_t>;

#if HWY_TARGET != HWY_SCALAR

/// The sums of every two columns over `kRows` rows.
template <int kRows>
HWY_INLINE hn::Vec<Sums> sums_of_pairs(const std::uint8_t* from, std::ptrdiff_t stride) {
  const Sums d;
  const hn::Repartition<std::uint8_t, Sums> bytes;
  const auto low = hn::Set(d, std::uint16_t{0xFF});
  auto sum = hn::Zero(d);
  for (int row = 0; row < kRows; ++row, from += stride) {
    const auto pairs = hn::BitCast(d, hn::LoadU(bytes, from));
    sum = hn::Add(sum, hn::Add(hn::And(pairs, low), hn::ShiftRight<8>(pairs)));
  }
  return sum;
}

HWY_INLINE void store_bytes(hn::Vec<Sums> values, std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, Sums> bytes;
  hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(hn::RebindToSigned<Sums>(), values)), bytes, to);
}

HWY_INLINE int means_of_2(const std::uint8_t* from, std::ptrdiff_t stride, int cells, std::uint8_t* means) {
  const Sums d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= cells; x += lanes)
    store_bytes(hn::ShiftRight<2>(hn::Add(sums_of_pairs<2>(from + 2 * x, stride), hn::Set(d, std::uint16_t{2}))),
                means + x);
  return x;
}

HWY_INLINE int means_of_4(const std::uint8_t* from, std::ptrdiff_t stride, int cells, std::uint8_t* means) {
  const hn::RepartitionToWide<Sums> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= cells; x += lanes) {
    const auto pairs = hn::BitCast(d, sums_of_pairs<4>(from + 4 * x, stride));
    const auto sum = hn::Add(hn::And(pairs, hn::Set(d, 0xFFFFU)), hn::ShiftRight<16>(pairs));
    const auto mean = hn::ShiftRight<4>(hn::Add(sum, hn::Set(d, 8U)));
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(hn::RebindToSigned<decltype(d)>(), mean)), bytes, means + x);
  }
  return x;
}

/// Of three sums each, which are sums of `kArea` bytes: 9 or 36.
template <int kArea>
HWY_INLINE int means_of_thirds(const std::uint16_t* sums, int cells, std::uint8_t* means) {
  static_assert(kArea == 9 || kArea == 36);
  constexpr int kShift = kArea == 9 ? 3 : 5;
  const Sums d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  // 2^19 / 9, rounded up: that much too large that no sum of 36 bytes is divided wrongly.
  const auto share = hn::Set(d, std::uint16_t{58255});
  int x = 0;
  for (; x + lanes <= cells; x += lanes) {
    hn::Vec<Sums> a, b, c;
    hn::LoadInterleaved3(d, sums + 3 * x, a, b, c);
    const auto sum = hn::Add(hn::Add(a, b), hn::Add(c, hn::Set(d, std::uint16_t{kArea / 2})));
    store_bytes(hn::ShiftRight<kShift>(hn::MulHigh(sum, share)), means + x);
  }
  return x;
}

/// As many cells as there are whole vectors of columns for.
HWY_INLINE int means_of_6(const std::uint8_t* from, std::ptrdiff_t stride, int cells, std::uint16_t* sums,
                          std::uint8_t* means) {
  const Sums d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int pair = 0;
  for (; pair + lanes <= 3 * cells; pair += lanes)
    hn::StoreU(sums_of_pairs<6>(from + 2 * pair, stride), d, sums + pair);
  return means_of_thirds<36>(sums, pair / 3, means);
}

#endif

void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, int rows, int width, std::uint16_t* sums) {
  const Sums d;
  const hn::Rebind<std::uint8_t, Sums> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= width; x += lanes) {
    const std::uint8_t* pixels = from + x;
    auto sum = hn::PromoteTo(d, hn::LoadU(bytes, pixels));
    for (int row = 1; row < rows; ++row) sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(bytes, pixels += stride)));
    hn::StoreU(sum, d, sums + x);
  }
  for (; x < width; ++x) {
    sums[x] = 0;
    for (int row = 0; row < rows; ++row) sums[x] = static_cast<std::uint16_t>(sums[x] + from[row * stride + x]);
  }
}

/// How many cells from the first on are done, for sides that are so usual that they have their own way.
HWY_INLINE int means_of_most([[maybe_unused]] const std::uint8_t* from, [[maybe_unused]] std::ptrdiff_t stride,
                             [[maybe_unused]] int side, [[maybe_unused]] int cells,
                             [[maybe_unused]] std::uint16_t* sums, [[maybe_unused]] std::uint8_t* means) {
#if HWY_TARGET != HWY_SCALAR
  if (side == 2) return means_of_2(from, stride, cells, means);
  if (side == 4) return means_of_4(from, stride, cells, means);
  if (side == 6) return means_of_6(from, stride, cells, sums, means);
  if (side == 3) {
    sum_rows(from, stride, side, side * cells, sums);
    return means_of_thirds<9>(sums, cells, means);
  }
#endif
  return 0;
}

void take_means(const std::uint8_t* from, std::ptrdiff_t stride, int side, int cells, std::uint16_t* sums,
                std::uint8_t* means) {
  int x = means_of_most(from, stride, side, cells, sums, means);
  if (x == cells) return;
  const int area = side * side;
  sum_rows(from + x * side, stride, side, (cells - x) * side, sums);
  for (; x < cells; ++x, sums += side) {
    int sum = area / 2;
    for (int i = 0; i < side; ++i) sum += sums[i];
    means[x] = static_cast<std::uint8_t>(sum / area);
  }
}

}  // namespace viba::shrink::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::shrink {

HWY_EXPORT(take_means);

void take_means(const std::uint8_t* from, std::ptrdiff_t stride, int side, int cells, std::uint16_t* sums,
                std::uint8_t* means) {
  HWY_DYNAMIC_DISPATCH(take_means)(from, stride, side, cells, sums, means);
}

}  // namespace viba::shrink
#endif
