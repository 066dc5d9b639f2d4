#include "segment/input_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "segment/input_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// ITU-R BT.601, limited range, with white as 1.
constexpr float kLumaGain = 1.0F / 219;
constexpr float kChromaGain = 1.0F / 224;
constexpr float kRedOfV = 1.402F * kChromaGain;
constexpr float kBlueOfU = 1.772F * kChromaGain;
constexpr float kGreenOfU = -0.114F / 0.587F * kBlueOfU;
constexpr float kGreenOfV = -0.299F / 0.587F * kRedOfV;
constexpr float kBlack = 16;
constexpr float kGray = 128;

template <class D>
HWY_INLINE void ConvertPixels(D d, float* first, float* second, float* third, const PixelRange& range) {
  const auto u = hn::Sub(hn::LoadU(d, second), hn::Set(d, kGray));
  const auto v = hn::Sub(hn::LoadU(d, third), hn::Set(d, kGray));
  const auto y = hn::Mul(hn::Sub(hn::LoadU(d, first), hn::Set(d, kBlack)), hn::Set(d, kLumaGain));
  const auto store = [&](auto light, std::size_t channel, float* to) HWY_ATTR {
    const auto unit = hn::Min(hn::Max(light, hn::Zero(d)), hn::Set(d, 1.0F));
    hn::StoreU(hn::MulAdd(unit, hn::Set(d, range.gain[channel]), hn::Set(d, range.offset[channel])), d, to);
  };
  store(hn::MulAdd(v, hn::Set(d, kRedOfV), y), 0, first);
  store(hn::MulAdd(v, hn::Set(d, kGreenOfV), hn::MulAdd(u, hn::Set(d, kGreenOfU), y)), 1, second);
  store(hn::MulAdd(u, hn::Set(d, kBlueOfU), y), 2, third);
}

void YuvToRgb(float* first, float* second, float* third, int count, const PixelRange& range) {
  const hn::ScalableTag<float> many;
  const hn::CappedTag<float, 1> one;
  const int lanes = static_cast<int>(hn::Lanes(many));
  int x = 0;
  for (; x + lanes <= count; x += lanes) ConvertPixels(many, first + x, second + x, third + x, range);
  for (; x < count; ++x) ConvertPixels(one, first + x, second + x, third + x, range);
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(YuvToRgb);

void yuv_to_rgb(float* first, float* second, float* third, int count, const PixelRange& range) {
  HWY_DYNAMIC_DISPATCH(YuvToRgb)(first, second, third, count, range);
}

}  // namespace viba
#endif
