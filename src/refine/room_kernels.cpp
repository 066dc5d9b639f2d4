#include "refine/room_kernels.h"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/room_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include "refine/room_numbers.h"

HWY_BEFORE_NAMESPACE();
namespace viba {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Loops without conditions are turned into vectors of each target's width by the compiler, the others are written so.

void difference(const DifferenceRow& row, int width) {
  const auto* picture = row.picture;
  const auto* mean = row.mean;
  auto* out = row.difference;
  const auto gain = static_cast<std::uint32_t>(row.gain * 4096 + 0.5F);
  const auto offset = static_cast<std::int32_t>(row.offset * 8 + (row.offset < 0 ? -0.5F : 0.5F));
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::int16_t>(picture[x] * 8 - offset - static_cast<std::int32_t>(mean[x] * gain >> 16));
}

void box3(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* scratch,
          std::int16_t* sum, int width) {
  for (int x = 0; x < width; ++x) scratch[x + 1] = static_cast<std::int16_t>(above[x] + here[x] + below[x]);
  scratch[0] = scratch[1];
  scratch[width + 1] = scratch[width];
  for (int x = 0; x < width; ++x) sum[x] = static_cast<std::int16_t>(scratch[x] + scratch[x + 1] + scratch[x + 2]);
}

/// Rows of whole numbers as vectors of floats, and back.
template <class D, class T>
hn::Vec<D> load(D d, const T* values) {
  return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D>(), hn::LoadU(hn::Rebind<T, D>(), values)));
}
template <class D, class T>
void store(D /*d*/, hn::Vec<D> value, T* values) {
  const hn::Rebind<T, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(value)), narrow, values);
}
template <class D, class T>
hn::Mask<D> is_set(D d, const T* values) {
  return hn::Gt(load(d, values), hn::Zero(d));
}
template <class D>
hn::Vec<D> clamped(D d, hn::Vec<D> value, float low, float high) {
  return hn::Min(hn::Max(value, hn::Set(d, low)), hn::Set(d, high));
}

/// Calls `part` for vectors of the row, and for what is left one by one.
template <class Part>
void over_row(int width, const Part& part) {
  const hn::ScalableTag<float> wide;
  const hn::CappedTag<float, 1> single;
  const int step = static_cast<int>(hn::Lanes(wide));
  int x = 0;
  for (; x + step <= width; x += step) part(wide, x);
  for (; x < width; ++x) part(single, x);
}

struct EvidencePart {
  const EvidenceRow& row;

  /// A shadow scales all three of what lies below it (from 16, 128 and 128) by the same factor. 1: surely one.
  template <class D, class V = hn::Vec<D>>
  V shadow(D d, int x, V dy, V du, V dv, V weight_c) const {
    const V one = hn::Set(d, 1);
    const V gray = hn::Set(d, 128);
    const V luma = hn::Sub(load(d, row.picture_y + x), hn::Set(d, 16));
    const V shade = hn::Div(luma, hn::Max(hn::Sub(luma, dy), one));
    const V less = hn::Sub(shade, one);
    const V off_u = hn::Sub(du, hn::Mul(less, hn::Sub(hn::Sub(load(d, row.picture_u + x), gray), du)));
    const V off_v = hn::Sub(dv, hn::Mul(less, hn::Sub(hn::Sub(load(d, row.picture_v + x), gray), dv)));
    const V tint = hn::Mul(hn::MulAdd(off_u, off_u, hn::Mul(off_v, off_v)), weight_c);
    const V scale = hn::Set(d, 1 / (kShadowSure - kShadowDarkest));
    const V dark = clamped(d, hn::Mul(hn::Sub(shade, hn::Set(d, kShadowDarkest)), scale), 0, 1);
    const V alike = clamped(d, hn::MulAdd(tint, hn::Set(d, -2 / kShadowTint), hn::Set(d, 2)), 0, 1);
    return hn::IfThenElseZero(hn::Lt(shade, one), hn::Mul(dark, alike));
  }

  template <class D>
  void operator()(D d, int x) const {
    using V = hn::Vec<D>;
    const V level = hn::Set(d, 1 / 72.0F);
    const V part = hn::Set(d, 1 / 256.0F);
    const V one = hn::Set(d, 1);
    const V dy = hn::Mul(load(d, row.y + x), level);
    const V du = hn::Mul(load(d, row.u + x), level);
    const V dv = hn::Mul(load(d, row.v + x), level);
    const V weight_y = hn::Div(one, hn::MulAdd(load(d, row.noise_y + x), part, hn::Set(d, kFloorY)));
    const V weight_c = hn::Div(one, hn::MulAdd(load(d, row.noise_c + x), part, hn::Set(d, kFloorC)));
    const auto known = hn::Ge(load(d, row.samples + x), hn::Set(d, kKnownSamples));
    const V chroma = hn::Mul(hn::MulAdd(du, du, hn::Mul(dv, dv)), weight_c);
    const V distance = hn::IfThenElseZero(known, hn::MulAdd(hn::Mul(dy, dy), weight_y, chroma));
    const V middle = hn::MulAdd(distance, hn::Set(d, 0.5F), hn::Set(d, -kEvenDistance));
    const V ratio = hn::IfThenElseZero(known, clamped(d, middle, -kMostNegative, kMostPositive));
    const V lit = hn::Mul(ratio, hn::Sub(one, shadow(d, x, dy, du, dv, weight_c)));
    hn::StoreU(distance, d, row.distance + x);
    hn::StoreU(hn::IfThenElse(hn::Gt(ratio, hn::Zero(d)), lit, ratio), d, row.evidence + x);
  }
};
void evidence(const EvidenceRow& row, int width) { over_row(width, EvidencePart{row}); }

void within(const float* values, float low, float high, std::uint8_t* out, int width) {
  for (int x = 0; x < width; ++x) out[x] = (values[x] >= low) & (values[x] < high) ? 1 : 0;
}

struct FusePart {
  const FuseRow& row;

  template <class D>
  void operator()(D d, int x) const {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d);
    const V one = hn::Set(d, 1);
    const V matte = hn::LoadU(d, row.matte + x);
    const V p = clamped(d, matte, kLeastMatte, 1 - kLeastMatte);
    const auto known = hn::Ge(load(d, row.samples + x), hn::Set(d, kKnownSamples));
    const V trust = hn::IfThenElseZero(known, hn::LoadU(d, row.trust + x));
    V ratio = hn::LoadU(d, row.evidence + x);
    ratio = hn::IfThenElse(hn::AndNot(is_set(d, row.positive + x), hn::Gt(ratio, zero)), zero, ratio);
    ratio = hn::IfThenElse(hn::And(is_set(d, row.inside + x), hn::Lt(ratio, zero)), zero, ratio);
    const V prior = hn::MulAdd(trust, hn::Set(d, kMatteWeight - 1), one);
    const V odds = hn::MulAdd(prior, hn::Log(d, hn::Div(p, hn::Sub(one, p))), hn::Mul(ratio, trust));
    const V fused = hn::Div(one, hn::Add(one, hn::Exp(d, hn::Neg(odds))));
    hn::StoreU(hn::IfThenElse(hn::Gt(trust, zero), fused, matte), d, row.matte + x);
    hn::StoreU(trust, d, row.trust + x);
  }
};
void fuse(const FuseRow& row, int width) { over_row(width, FusePart{row}); }

void slide(const std::uint8_t* enters, const std::uint8_t* enters_mask, const std::uint8_t* leaves,
           const std::uint8_t* leaves_mask, std::uint16_t* sums, int width) {
  for (int x = 0; x < width; ++x)
    sums[x] = static_cast<std::uint16_t>(sums[x] + enters[x] * enters_mask[x] - leaves[x] * leaves_mask[x]);
}

void sum13(const std::uint16_t* padded, std::uint16_t* scratch, std::uint16_t* out, int width) {
  for (int x = 0; x < width + 10; ++x)
    scratch[x] = static_cast<std::uint16_t>(padded[x] + padded[x + 1] + padded[x + 2] + padded[x + 3]);
  for (int x = 0; x < width; ++x)
    out[x] = static_cast<std::uint16_t>(scratch[x] + scratch[x + 4] + scratch[x + 8] + padded[x + 12]);
}

struct LearnPart {
  const LearnRow& row;

  /// The mean's new value in 1/128, where it is not the first.
  template <class D>
  static hn::Vec<D> moved(D d, const std::uint16_t* mean, hn::Vec<D> step) {
    return hn::MulAdd(step, hn::Set(d, 128), load(d, mean));
  }
  /// The variance's new value in 1/256: as exponentially weighted ones go.
  template <class D>
  static hn::Vec<D> moved(D d, const std::uint16_t* noise, hn::Vec<D> square, hn::Vec<D> rate) {
    const auto old = load(d, noise);
    const auto seen = hn::Mul(hn::Mul(square, hn::Set(d, 256)), hn::Sub(hn::Set(d, 1), rate));
    return hn::MulAdd(rate, hn::Sub(seen, old), old);
  }

  template <class D>
  void operator()(D d, int x) const {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d);
    const V one = hn::Set(d, 1);
    const V distance = hn::LoadU(d, row.distance + x);
    const V seen = load(d, row.samples + x);
    const auto fits = hn::Or(hn::Lt(distance, hn::Set(d, kFits)), hn::Lt(seen, hn::Set(d, kYoungSamples)));
    const auto background = is_set(d, row.background + x);
    const auto taken = hn::And(hn::And(background, is_set(d, row.empty + x)), fits);
    const auto denied = hn::AndNot(taken, background);
    const auto agrees = hn::And(hn::Ge(seen, hn::Set(d, kKnownSamples)), hn::Lt(distance, hn::Set(d, kAgrees)));
    const auto claimed = hn::And(is_set(d, row.person + x), agrees);
    const auto ghost = is_set(d, row.ghost + x);
    const V before = load(d, row.contrary + x);
    const V haste = hn::IfThenElse(ghost, hn::Set(d, kGhostHaste), one);
    const V waited = hn::MulAdd(haste, hn::Set(d, static_cast<float>(row.beats)), before);
    const auto nobody = is_set(d, row.nobody + x);
    const auto strange = hn::And(nobody, hn::Ge(distance, hn::Set(d, kDiffers)));
    const auto doubted = hn::Or(hn::Or(ghost, strange), hn::Or(denied, claimed));
    const auto confirmed = hn::Or(taken, hn::And(nobody, agrees));
    const V contrary = hn::IfThenElse(doubted, waited, hn::IfThenZeroElse(confirmed, before));
    const auto over = hn::Gt(contrary, hn::Set(d, kPatienceBeats));
    const V samples = hn::IfThenZeroElse(over, seen);
    const auto learns = hn::Or(taken, hn::And(over, denied));
    const V next = hn::Min(hn::Add(samples, one), hn::Set(d, kMostSamples));
    const V rate = hn::IfThenElseZero(learns, hn::Max(hn::Div(one, next), hn::Set(d, kLeastRate)));
    store(d, hn::IfThenElse(learns, next, samples), row.samples + x);
    store(d, hn::IfThenZeroElse(over, contrary), row.contrary + x);
    take(d, x, rate, hn::And(learns, hn::Eq(samples, zero)));
  }

  /// `first`: there is nothing to differ from, the colour is taken as it is.
  template <class D>
  void take(D d, int x, hn::Vec<D> rate, hn::Mask<D> first) const {
    using V = hn::Vec<D>;
    const V level = hn::Set(d, 0.125F);
    const V gain = hn::Set(d, 1 / row.gain_y);
    const V off_y = hn::Mul(hn::Mul(load(d, row.y + x), level), gain);
    const V off_u = hn::Mul(load(d, row.u + x), level);
    const V off_v = hn::Mul(load(d, row.v + x), level);
    const V chroma = hn::Mul(hn::MulAdd(off_u, off_u, hn::Mul(off_v, off_v)), hn::Set(d, 0.5F));
    const V noise_y = moved(d, row.noise_y + x, hn::Mul(off_y, off_y), rate);
    const V noise_c = moved(d, row.noise_c + x, chroma, rate);
    store(d, hn::IfThenZeroElse(first, noise_y), row.noise_y + x);
    store(d, hn::IfThenZeroElse(first, noise_c), row.noise_c + x);
    const V unit = hn::Set(d, 128);
    const V now_y = hn::Mul(hn::Mul(hn::Sub(load(d, row.picture_y + x), hn::Set(d, row.offset_y)), gain), unit);
    const V now_u = hn::Mul(hn::Sub(load(d, row.picture_u + x), hn::Set(d, row.offset_u)), unit);
    const V now_v = hn::Mul(hn::Sub(load(d, row.picture_v + x), hn::Set(d, row.offset_v)), unit);
    store(d, hn::IfThenElse(first, now_y, moved(d, row.mean_y + x, hn::Mul(off_y, rate))), row.mean_y + x);
    store(d, hn::IfThenElse(first, now_u, moved(d, row.mean_u + x, hn::Mul(off_u, rate))), row.mean_u + x);
    store(d, hn::IfThenElse(first, now_v, moved(d, row.mean_v + x, hn::Mul(off_v, rate))), row.mean_v + x);
  }
};
void learn(const LearnRow& row, int width) { over_row(width, LearnPart{row}); }

struct ShowPart {
  const ShowRow& row;

  template <class D>
  void operator()(D d, int x) const {
    const auto scaled = hn::Mul(load(d, row.mean + x), hn::Set(d, row.gain * (1 / 128.0F)));
    store(d, hn::Add(scaled, hn::Set(d, row.offset)), row.out + x);
  }
};
void show(const ShowRow& row, int width) { over_row(width, ShowPart{row}); }

struct ShowTrustPart {
  const float* trust;
  const std::uint8_t* samples;
  std::uint8_t* out;

  template <class D>
  void operator()(D d, int x) const {
    const auto known = hn::Ge(load(d, samples + x), hn::Set(d, kKnownSamples));
    store(d, hn::IfThenElseZero(known, hn::Mul(hn::LoadU(d, trust + x), hn::Set(d, 255))), out + x);
  }
};
void show_trust(const float* trust, const std::uint8_t* samples, std::uint8_t* out, int width) {
  over_row(width, ShowTrustPart{trust, samples, out});
}

}  // namespace HWY_NAMESPACE
}  // namespace viba
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(difference);
HWY_EXPORT(box3);
HWY_EXPORT(evidence);
HWY_EXPORT(within);
HWY_EXPORT(fuse);
HWY_EXPORT(slide);
HWY_EXPORT(sum13);
HWY_EXPORT(learn);
HWY_EXPORT(show);
HWY_EXPORT(show_trust);

void difference_row(const DifferenceRow& row, int width) { HWY_DYNAMIC_DISPATCH(difference)(row, width); }
void box3_row(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* scratch,
              std::int16_t* sum, int width) {
  HWY_DYNAMIC_DISPATCH(box3)(above, here, below, scratch, sum, width);
}
void evidence_row(const EvidenceRow& row, int width) { HWY_DYNAMIC_DISPATCH(evidence)(row, width); }
void within_row(const float* values, float low, float high, std::uint8_t* out, int width) {
  HWY_DYNAMIC_DISPATCH(within)(values, low, high, out, width);
}
void fuse_row(const FuseRow& row, int width) { HWY_DYNAMIC_DISPATCH(fuse)(row, width); }
void slide_row(const std::uint8_t* enters, const std::uint8_t* enters_mask, const std::uint8_t* leaves,
               const std::uint8_t* leaves_mask, std::uint16_t* sums, int width) {
  HWY_DYNAMIC_DISPATCH(slide)(enters, enters_mask, leaves, leaves_mask, sums, width);
}
void sum13_row(const std::uint16_t* padded, std::uint16_t* scratch, std::uint16_t* out, int width) {
  HWY_DYNAMIC_DISPATCH(sum13)(padded, scratch, out, width);
}
void learn_row(const LearnRow& row, int width) { HWY_DYNAMIC_DISPATCH(learn)(row, width); }
void show_row(const ShowRow& row, int width) { HWY_DYNAMIC_DISPATCH(show)(row, width); }
void show_trust_row(const float* trust, const std::uint8_t* samples, std::uint8_t* out, int width) {
  HWY_DYNAMIC_DISPATCH(show_trust)(trust, samples, out, width);
}

}  // namespace viba
#endif
