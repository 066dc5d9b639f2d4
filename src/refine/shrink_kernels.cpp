#include "refine/shrink_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/shrink_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::shrink::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Sums = hn::ScalableTag<std::uint16_t>;
using Wide = hn::ScalableTag<std::uint32_t>;

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

/// The sums of `kSide` neighbours each, as 32 bits.
template <int kSide>
HWY_INLINE hn::Vec<Wide> sum_of(const std::uint16_t* sums) {
  const Wide d;
  const hn::Rebind<std::uint16_t, Wide> half;
  hn::Vec<decltype(half)> a, b, c, e;
  if constexpr (kSide == 2) {
    hn::LoadInterleaved2(half, sums, a, b);
    return hn::PromoteTo(d, hn::Add(a, b));
  } else if constexpr (kSide == 3) {
    hn::LoadInterleaved3(half, sums, a, b, c);
    return hn::PromoteTo(d, hn::Add(hn::Add(a, b), c));
  } else {
    hn::LoadInterleaved4(half, sums, a, b, c, e);
    return hn::PromoteTo(d, hn::Add(hn::Add(a, b), hn::Add(c, e)));
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Sums of three neighbours, then of two of those.
template <>
HWY_INLINE hn::Vec<Wide> sum_of<6>(const std::uint16_t* sums) {
  const Wide d;
  const hn::Repartition<std::uint16_t, Wide> narrow;
  hn::Vec<decltype(narrow)> a, b, c;
  hn::LoadInterleaved3(narrow, sums, a, b, c);
  const auto pairs = hn::BitCast(d, hn::Add(hn::Add(a, b), c));
  return hn::Add(hn::And(pairs, hn::Set(d, 0xFFFFU)), hn::ShiftRight<16>(pairs));
}
#endif

template <int kSide>
HWY_INLINE int mean_of_most(const std::uint16_t* sums, int cells, std::uint8_t* means) {
  const hn::RebindToFloat<Wide> floats;
  const hn::RebindToSigned<Wide> integers;
  const hn::Rebind<std::uint8_t, Wide> bytes;
  const int lanes = static_cast<int>(hn::Lanes(Wide()));
  const auto share = hn::Set(floats, 1.0F / (kSide * kSide));
  // A hair more than one half, so that the rounded share takes no middle down.
  const auto half = hn::Set(floats, 0.5F + 1e-4F);
  int x = 0;
  for (; x + lanes <= cells; x += lanes) {
    const auto sum = hn::ConvertTo(floats, hn::BitCast(integers, sum_of<kSide>(sums + x * kSide)));
    hn::StoreU(hn::DemoteTo(bytes, hn::ConvertTo(integers, hn::MulAdd(sum, share, half))), bytes, means + x);
  }
  return x;
}

void mean_of_columns(const std::uint16_t* sums, int side, int cells, std::uint8_t* means) {
  int x = 0;
  if (side == 2) x = mean_of_most<2>(sums, cells, means);
  if (side == 3) x = mean_of_most<3>(sums, cells, means);
  if (side == 4) x = mean_of_most<4>(sums, cells, means);
#if HWY_TARGET != HWY_SCALAR
  if (side == 6) x = mean_of_most<6>(sums, cells, means);
#endif
  const int area = side * side;
  for (; x < cells; ++x) {
    int sum = area / 2;
    for (int i = 0; i < side; ++i) sum += sums[x * side + i];
    means[x] = static_cast<std::uint8_t>(sum / area);
  }
}

}  // namespace viba::shrink::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::shrink {

HWY_EXPORT(sum_rows);
HWY_EXPORT(mean_of_columns);

void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, int rows, int width, std::uint16_t* sums) {
  HWY_DYNAMIC_DISPATCH(sum_rows)(from, stride, rows, width, sums);
}

void mean_of_columns(const std::uint16_t* sums, int side, int cells, std::uint8_t* means) {
  HWY_DYNAMIC_DISPATCH(mean_of_columns)(sums, side, cells, means);
}

}  // namespace viba::shrink
#endif
