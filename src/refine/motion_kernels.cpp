#include "refine/motion_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/motion_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::motion::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
HWY_INLINE int sum_rows_vectors(D d, const std::uint8_t* const* rows, int x, int width, std::uint16_t* sums) {
  const hn::Rebind<std::uint8_t, D> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; x + lanes <= width; x += lanes) {
    auto sum = hn::PromoteTo(d, hn::LoadU(bytes, rows[0] + x));
    for (int i = 1; i < kRows; ++i) sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(bytes, rows[i] + x)));
    hn::StoreU(sum, d, sums + x);
  }
  return x;
}

void sum_rows(const std::uint8_t* const* rows, int width, std::uint16_t* sums) {
  const int rest = sum_rows_vectors(hn::ScalableTag<std::uint16_t>(), rows, 0, width, sums);
  sum_rows_vectors(hn::CappedTag<std::uint16_t, 1>(), rows, rest, width, sums);
  for (int i = 0; i < kRadius; ++i) {
    sums[-1 - i] = sums[0];
    sums[width + i] = sums[width - 1];
  }
}

template <class D>
HWY_INLINE int sum_neighbours_vectors(D d, const std::uint16_t* sums, int x, int width, std::uint16_t* to) {
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; x + lanes <= width; x += lanes) {
    auto sum = hn::LoadU(d, sums + x - kRadius);
    for (int i = 1 - kRadius; i <= kRadius; ++i) sum = hn::Add(sum, hn::LoadU(d, sums + x + i));
    hn::StoreU(sum, d, to + x);
  }
  return x;
}

void sum_neighbours(const std::uint16_t* sums, int width, std::uint16_t* to) {
  const int rest = sum_neighbours_vectors(hn::ScalableTag<std::uint16_t>(), sums, 0, width, to);
  sum_neighbours_vectors(hn::CappedTag<std::uint16_t, 1>(), sums, rest, width, to);
}

template <class D>
HWY_INLINE std::size_t differ_vectors(D d, const std::uint16_t* a, const std::uint16_t* b, std::size_t begin,
                                      std::size_t end, std::uint16_t* differences) {
  const std::size_t lanes = hn::Lanes(d);
  for (; begin + lanes <= end; begin += lanes) {
    const auto one = hn::LoadU(d, a + begin), other = hn::LoadU(d, b + begin);
    hn::StoreU(hn::Sub(hn::Max(one, other), hn::Min(one, other)), d, differences + begin);
  }
  return begin;
}

void differ(const std::uint16_t* a, const std::uint16_t* b, std::size_t count, std::uint16_t* differences) {
  const std::size_t rest = differ_vectors(hn::ScalableTag<std::uint16_t>(), a, b, 0, count, differences);
  differ_vectors(hn::CappedTag<std::uint16_t, 1>(), a, b, rest, count, differences);
}

template <class D>
HWY_INLINE std::size_t hold_vectors(D d, const std::uint16_t* differences, float limit, float most, const float* trust,
                                    const float* last, std::size_t begin, std::size_t end, float* values) {
  const hn::RebindToSigned<D> integers;
  const hn::Rebind<std::uint16_t, D> narrow;
  const auto share = hn::Set(d, 1 / (2 * limit));
  const auto one = hn::Set(d, 1.0F);
  const std::size_t lanes = hn::Lanes(d);
  for (; begin + lanes <= end; begin += lanes) {
    const auto difference = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(narrow, differences + begin)));
    const auto ratio = hn::Mul(difference, share);
    const auto rest = hn::Max(hn::NegMulAdd(ratio, ratio, one), hn::Zero(d));  // its cube is close to a Gaussian
    auto held = hn::Mul(hn::Mul(hn::Set(d, most), rest), hn::Mul(rest, rest));
    if (trust != nullptr) held = hn::NegMulAdd(held, hn::LoadU(d, trust + begin), held);
    const auto value = hn::LoadU(d, values + begin);
    hn::StoreU(hn::MulAdd(held, hn::Sub(hn::LoadU(d, last + begin), value), value), d, values + begin);
  }
  return begin;
}

void hold(const std::uint16_t* differences, float limit, float most, const float* trust, const float* last,
          std::size_t count, float* values) {
  const std::size_t rest =
      hold_vectors(hn::ScalableTag<float>(), differences, limit, most, trust, last, 0, count, values);
  hold_vectors(hn::CappedTag<float, 1>(), differences, limit, most, trust, last, rest, count, values);
}

}  // namespace viba::motion::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::motion {

HWY_EXPORT(sum_rows);
HWY_EXPORT(sum_neighbours);
HWY_EXPORT(differ);
HWY_EXPORT(hold);

void sum_rows(const std::uint8_t* const* rows, int width, std::uint16_t* sums) {
  HWY_DYNAMIC_DISPATCH(sum_rows)(rows, width, sums);
}

void sum_neighbours(const std::uint16_t* sums, int width, std::uint16_t* to) {
  HWY_DYNAMIC_DISPATCH(sum_neighbours)(sums, width, to);
}

void differ(const std::uint16_t* a, const std::uint16_t* b, std::size_t count, std::uint16_t* differences) {
  HWY_DYNAMIC_DISPATCH(differ)(a, b, count, differences);
}

void hold(const std::uint16_t* differences, float limit, float most, const float* trust, const float* last,
          std::size_t count, float* values) {
  HWY_DYNAMIC_DISPATCH(hold)(differences, limit, most, trust, last, count, values);
}

}  // namespace viba::motion
#endif
