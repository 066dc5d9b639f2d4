#include "composite/blend_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "composite/blend_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// x / 255, rounded, for x up to 255·255, without leaving 16 bits.
template <class D, class V>
V divided_by_255(D d, V x) {
  x = hn::Add(x, hn::Set(d, 128));
  return hn::ShiftRight<8>(hn::Add(x, hn::ShiftRight<8>(x)));
}

void BlendRow(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
              int width) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::RebindToSigned<decltype(d)> demotable;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= width; x += lanes) {
    const auto a = hn::PromoteTo(d, hn::LoadU(bytes, alpha + x));
    const auto p = hn::PromoteTo(d, hn::LoadU(bytes, person + x));
    const auto b = hn::PromoteTo(d, hn::LoadU(bytes, behind + x));
    const auto sum = hn::Add(hn::Mul(p, a), hn::Mul(b, hn::Sub(hn::Set(d, 255), a)));
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(demotable, divided_by_255(d, sum))), bytes, out + x);
  }
  for (; x < width; ++x) {
    const auto sum = static_cast<std::uint16_t>(person[x] * alpha[x] + behind[x] * (255 - alpha[x]) + 128);
    out[x] = static_cast<std::uint8_t>(static_cast<std::uint16_t>(sum + (sum >> 8)) >> 8);
  }
}

void HalveAlpha(const std::uint8_t* upper, const std::uint8_t* lower, std::uint8_t* out, int width) {
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::RebindToSigned<decltype(d)> demotable;
  const hn::Repartition<std::uint8_t, decltype(d)> pairs;
  const auto sum_of_pairs = [&](const std::uint8_t* row) HWY_ATTR {
    const auto words = hn::BitCast(d, hn::LoadU(pairs, row));
    return hn::Add(hn::And(words, hn::Set(d, 255)), hn::ShiftRight<8>(words));
  };
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; x + lanes <= width; x += lanes) {
    const auto sum = hn::Add(sum_of_pairs(upper + 2 * x), sum_of_pairs(lower + 2 * x));
    const auto mean = hn::ShiftRight<2>(hn::Add(sum, hn::Set(d, 2)));
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(demotable, mean)), bytes, out + x);
  }
#endif
  for (; x < width; ++x)
    out[x] = static_cast<std::uint8_t>((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) >> 2);
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(BlendRow);
HWY_EXPORT(HalveAlpha);

void blend_row(const std::uint8_t* person, const std::uint8_t* behind, const std::uint8_t* alpha, std::uint8_t* out,
               int width) {
  HWY_DYNAMIC_DISPATCH(BlendRow)(person, behind, alpha, out, width);
}

void halve_alpha(const std::uint8_t* upper, const std::uint8_t* lower, std::uint8_t* out, int width) {
  HWY_DYNAMIC_DISPATCH(HalveAlpha)(upper, lower, out, width);
}

}  // namespace viba
#endif
