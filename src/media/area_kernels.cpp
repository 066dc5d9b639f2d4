#include "media/area_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/area_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::area::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int kMiddle = 1 << 15;  ///< what sums are less, so that they are signed: multiplying such pairs is fastest
constexpr float kShare = 1.0F / (kOne * kOne);

void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, const std::uint16_t* weights, int rows, int width,
              std::int16_t* sums) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::RebindToSigned<decltype(d)> numbers;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= width; x += lanes) {
    auto sum = hn::Set(d, kMiddle);
    const std::uint8_t* pixels = from + x;
    for (int row = 0; row < rows; ++row, pixels += stride)
      sum = hn::Add(sum, hn::Mul(hn::PromoteTo(d, hn::LoadU(bytes, pixels)), hn::Set(d, weights[row])));
    hn::StoreU(hn::BitCast(numbers, sum), numbers, sums + x);
  }
  for (; x < width; ++x) {
    int sum = -kMiddle;
    for (int row = 0; row < rows; ++row) sum += from[row * stride + x] * weights[row];
    sums[x] = static_cast<std::int16_t>(sum);
  }
}

#if HWY_TARGET != HWY_SCALAR
/// Of four cells. `kTaps` is their number of taps, or 0 for any.
template <int kTaps>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4>> mean_of_four(const std::int16_t* sums, const int* first,
                                                        const std::int16_t* weights, int any_taps) {
  const int taps = kTaps > 0 ? kTaps : any_taps;
  const hn::FixedTag<std::int16_t, kTapsAtOnce> d;
  const hn::FixedTag<std::int32_t, 4> wide;
  const hn::FixedTag<float, 4> real;
  const auto parts = [&](int cell) HWY_ATTR {
    auto low = hn::Zero(wide);
    auto high = hn::Zero(wide);
    for (int tap = 0; tap < taps; tap += kTapsAtOnce)
      low = hn::ReorderWidenMulAccumulate(wide, hn::LoadU(d, sums + first[cell] + tap),
                                          hn::LoadU(d, weights + taps * cell + tap), low, high);
    return hn::Add(low, high);
  };
  const auto pairs = [&](auto one, auto other) HWY_ATTR {
    return hn::Add(hn::InterleaveLower(one, other), hn::InterleaveUpper(wide, one, other));
  };
  const auto front = pairs(parts(0), parts(1));
  const auto back = pairs(parts(2), parts(3));
  const auto sum = hn::Add(hn::ConcatLowerLower(wide, back, front), hn::ConcatUpperUpper(wide, back, front));
  return hn::Mul(hn::ConvertTo(real, hn::Add(sum, hn::Set(wide, kMiddle * kOne))), hn::Set(real, kShare));
}
#endif

void mean_of_columns(const std::int16_t* sums, const Columns& columns, int count, float* means) {
  const auto [first, weights, taps] = columns;
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const auto run = [&, first = first, weights = weights, taps = taps](auto mean_of) HWY_ATTR {
    for (; x + 4 <= count; x += 4)
      hn::StoreU(mean_of(sums, first + x, weights + taps * x, taps), hn::FixedTag<float, 4>(), means + x);
  };
  if (taps == kTapsAtOnce)
    run(mean_of_four<kTapsAtOnce>);
  else
    run(mean_of_four<0>);
#endif
  for (; x < count; ++x) {
    int sum = kMiddle * kOne;
    for (int tap = 0; tap < taps; ++tap) sum += sums[first[x] + tap] * weights[taps * x + tap];
    means[x] = static_cast<float>(sum) * kShare;
  }
}

}  // namespace viba::area::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::area {

HWY_EXPORT(sum_rows);
HWY_EXPORT(mean_of_columns);

void sum_rows(const std::uint8_t* from, std::ptrdiff_t stride, const std::uint16_t* weights, int rows, int width,
              std::int16_t* sums) {
  HWY_DYNAMIC_DISPATCH(sum_rows)(from, stride, weights, rows, width, sums);
}

void mean_of_columns(const std::int16_t* sums, const Columns& columns, int count, float* means) {
  HWY_DYNAMIC_DISPATCH(mean_of_columns)(sums, columns, count, means);
}

}  // namespace viba::area
#endif
