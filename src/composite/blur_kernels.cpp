#include "composite/blur_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "composite/blur_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A sum of `window` 16-bit numbers divided by `window`, in 16 bits after the point. What it is too
/// large or small by is the same share of weights and of weighted values.
template <class D>
class Mean {
 public:
  Mean(D d, int window)
      : reciprocal_(hn::Set(d, static_cast<std::uint32_t>(65536 / window))), half_(hn::Set(d, 1U << 15)) {}

  void store(hn::Vec<D> sum, std::uint16_t* to) const {
    const hn::Rebind<std::uint16_t, D> words;
    const hn::RebindToSigned<D> demotable;
    const auto mean = hn::ShiftRight<16>(hn::Add(hn::Mul(sum, reciprocal_), half_));
    hn::StoreU(hn::DemoteTo(words, hn::BitCast(demotable, mean)), words, to);
  }

 private:
  hn::Vec<D> reciprocal_;
  hn::Vec<D> half_;
};

void BoxRow(const std::uint16_t* in, std::uint16_t* out, int count, int window) {
  const hn::CappedTag<std::uint32_t, kChannels> d;
  const hn::Rebind<std::uint16_t, decltype(d)> words;
  const Mean mean(d, window);
  for (int channel = 0; channel < kChannels; channel += static_cast<int>(hn::Lanes(d))) {
    const auto at = [&](int cell)
                        HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(words, in + kChannels * cell + channel)); };
    auto sum = hn::Zero(d);
    for (int x = 0; x < window - 1; ++x) sum = hn::Add(sum, at(x));
    for (int x = 0; x < count; ++x) {
      sum = hn::Add(sum, at(x + window - 1));
      mean.store(sum, out + kChannels * x + channel);
      sum = hn::Sub(sum, at(x));
    }
  }
}

void BoxStep(std::uint32_t* sums, const std::uint16_t* enter, const std::uint16_t* leave, std::uint16_t* out, int count,
             int window) {
  const auto step = [&](auto d, int x) HWY_ATTR {
    const hn::Rebind<std::uint16_t, decltype(d)> words;
    const auto sum = hn::LoadU(d, sums + x);
    Mean(d, window).store(sum, out + x);
    const auto change =
        hn::Sub(hn::PromoteTo(d, hn::LoadU(words, enter + x)), hn::PromoteTo(d, hn::LoadU(words, leave + x)));
    hn::StoreU(hn::Add(sum, change), d, sums + x);
  };
  const hn::ScalableTag<std::uint32_t> many;
  const hn::CappedTag<std::uint32_t, 1> one;
  const int lanes = static_cast<int>(hn::Lanes(many));
  int x = 0;
  for (; x + lanes <= count; x += lanes) step(many, x);
  for (; x < count; ++x) step(one, x);
}

void AddRow(const std::uint8_t* row, std::uint16_t* sums, int count) {
  const hn::ScalableTag<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = 0;
  for (; x + lanes <= count; x += lanes)
    hn::StoreU(hn::Add(hn::LoadU(d, sums + x), hn::PromoteTo(d, hn::LoadU(bytes, row + x))), d, sums + x);
  for (; x < count; ++x) sums[x] = static_cast<std::uint16_t>(sums[x] + row[x]);
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(BoxRow);
HWY_EXPORT(BoxStep);
HWY_EXPORT(AddRow);

void box_row(const std::uint16_t* in, std::uint16_t* out, int count, int window) {
  HWY_DYNAMIC_DISPATCH(BoxRow)(in, out, count, window);
}

void box_step(std::uint32_t* sums, const std::uint16_t* enter, const std::uint16_t* leave, std::uint16_t* out,
              int count, int window) {
  HWY_DYNAMIC_DISPATCH(BoxStep)(sums, enter, leave, out, count, window);
}

void add_row(const std::uint8_t* row, std::uint16_t* sums, int count) {
  HWY_DYNAMIC_DISPATCH(AddRow)(row, sums, count);
}

}  // namespace viba
#endif
