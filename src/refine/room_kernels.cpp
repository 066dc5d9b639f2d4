#include "refine/room_kernels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/room_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include <hwy/highway.h>

#include "refine/cell_rows-inl.h"
#include "refine/room_numbers.h"

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {

template <int kCount>
void levels_of(const LevelsRow& row, int width) {
  over_words(width, [&](int begin, int end) {
    std::uint64_t words[kCount] = {};
    over_word(Floats(), begin, end, [&](auto d, int x) {
      const auto value = hn::LoadU(d, row.values + x);
      for (int i = 0; i < kCount; ++i)
        words[i] |= bits_of(d, hn::Ge(value, hn::Set(d, row.levels[i]))) << (x % kWordBits);
    });
    for (int i = 0; i < kCount; ++i) row.bits[i][begin / kWordBits] = words[i];
  });
}
void levels(const LevelsRow& row, int width) {
  if (row.count == 1) return levels_of<1>(row, width);
  row.count == 2 ? levels_of<2>(row, width) : levels_of<3>(row, width);
}

/// A channel's light in whole numbers: gains in 1/4096, offsets in 1/8 levels.
struct Shift {
  Shift(float gain, float offset)
      : gain_(static_cast<std::uint16_t>(gain * 4096 + 0.5F)),
        offset_(static_cast<std::int16_t>(offset * 8 + (offset < 0 ? -0.5F : 0.5F))) {}

  /// What `difference_row` is after, for a vector of whole numbers.
  template <class D>
  HWY_INLINE hn::Vec<D> difference(D d, const std::uint8_t* picture, const std::uint16_t* mean) const {
    const hn::RebindToUnsigned<D> wide;
    const auto now = hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, D>(), picture));
    const auto then = hn::BitCast(d, hn::MulHigh(hn::LoadU(wide, mean), hn::Set(wide, gain_)));
    return hn::Sub(hn::Sub(hn::ShiftLeft<3>(now), hn::Set(d, offset_)), then);
  }

 private:
  std::uint16_t gain_;
  std::int16_t offset_;
};

void difference(const DifferenceRow& row, int width) {
  const Shift shift(row.gain, row.offset);
  over_cells(hn::ScalableTag<std::int16_t>(), 0, width, [&](auto d, int x) {
    hn::StoreU(shift.difference(d, row.picture + x, row.mean + x), d, row.difference + x);
  });
}

void sum3(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* sum,
          int width) {
  over_cells(hn::ScalableTag<std::int16_t>(), 0, width, [&](auto d, int x) {
    const auto outer = hn::Add(hn::LoadU(d, above + x), hn::LoadU(d, below + x));
    hn::StoreU(hn::Add(outer, hn::LoadU(d, here + x)), d, sum + x);
  });
  sum[-1] = sum[0];
  sum[width] = sum[width - 1];
}

struct EvidencePart {
  /// Of bits, which are gathered here.
  struct Words {
    std::uint64_t differs = 0, candidates = 0, fits = 0, agrees = 0;
  };
  const EvidenceRow& row;

  /// The sum of three columns.
  template <class D>
  static HWY_INLINE hn::Vec<D> box(D d, const std::int16_t* column) {
    const hn::Rebind<std::int16_t, D> narrow;
    const auto outer = hn::Add(hn::LoadU(narrow, column - 1), hn::LoadU(narrow, column + 1));
    const auto sum = hn::Add(outer, hn::LoadU(narrow, column));
    return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D>(), sum));
  }

  /// A shadow scales all three of what lies below it (from 16, 128 and 128) by the same factor. 1: surely one.
  template <class D, class V = hn::Vec<D>>
  HWY_INLINE V shadow(D d, int x, V dy, V du, V dv, V weight_c) const {
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
  HWY_INLINE void operator()(D d, int x, Words& words) const {
    using V = hn::Vec<D>;
    const V level = hn::Set(d, 1 / 72.0F);
    const V part = hn::Set(d, 1 / 256.0F);
    const V one = hn::Set(d, 1);
    const V dy = hn::Mul(box(d, row.y + x), level);
    const V du = hn::Mul(box(d, row.u + x), level);
    const V dv = hn::Mul(box(d, row.v + x), level);
    const V variance_y = hn::MulAdd(load(d, row.noise_y + x), part, hn::Set(d, kFloorY));
    const V variance_c = hn::MulAdd(load(d, row.noise_c + x), part, hn::Set(d, kFloorC));
    // One division for the two of them, as nothing here takes longer.
    const V both = hn::Div(one, hn::Mul(variance_y, variance_c));
    const V weight_y = hn::Mul(both, variance_c);
    const V weight_c = hn::Mul(both, variance_y);
    const auto known = mask_at(d, row.known, x);
    const V chroma = hn::Mul(hn::MulAdd(du, du, hn::Mul(dv, dv)), weight_c);
    const V distance = hn::IfThenElseZero(known, hn::MulAdd(hn::Mul(dy, dy), weight_y, chroma));
    const V middle = hn::MulAdd(distance, hn::Set(d, 0.5F), hn::Set(d, -kEvenDistance));
    const V ratio = hn::IfThenElseZero(known, clamped(d, middle, -kMostNegative, kMostPositive));
    const auto positive = hn::Gt(ratio, hn::Zero(d));
    V evidence = ratio;
    if (!hn::AllFalse(d, positive)) {
      const V lit = hn::Mul(ratio, hn::Sub(one, shadow(d, x, dy, du, dv, weight_c)));
      evidence = hn::IfThenElse(positive, lit, ratio);
    }
    hn::StoreU(evidence, d, row.evidence + x);
    const auto put = [&](std::uint64_t& word, hn::Mask<D> mask) { word |= bits_of(d, mask) << (x % kWordBits); };
    put(words.differs, hn::Ge(distance, hn::Set(d, kDiffers)));
    put(words.candidates, hn::Ge(distance, hn::Set(d, 2 * kEvenDistance)));
    put(words.fits, hn::Lt(distance, hn::Set(d, kFits)));
    put(words.agrees, hn::And(known, hn::Lt(distance, hn::Set(d, kAgrees))));
  }
};
void evidence(const EvidenceRow& row, int width) {
  over_words(width, [&](int begin, int end) {
    EvidencePart::Words words;
    over_word(Floats(), begin, end, [&](auto d, int x) { EvidencePart{row}(d, x, words); });
    const int i = begin / kWordBits;
    row.differs[i] = words.differs;
    row.candidates[i] = words.candidates;
    row.fits[i] = words.fits;
    row.agrees[i] = words.agrees;
  });
}

void enlarge(const float* nodes, float* out, int width) {
  // How far a cell is from its tile's middle towards the tiles before and after.
  HWY_ALIGN static constexpr float kBefore[kRoomTile] = {.4375F, .3125F, .1875F, .0625F, 0, 0, 0, 0};
  HWY_ALIGN static constexpr float kAfter[kRoomTile] = {0, 0, 0, 0, .0625F, .1875F, .3125F, .4375F};
  for (int tile = 0; tile * kRoomTile < width; ++tile) {
    const float* node = nodes + tile + 1;
    const int begin = tile * kRoomTile;
    over_cells(hn::CappedTag<float, kRoomTile>(), begin, std::min(begin + kRoomTile, width), [&](auto d, int x) {
      const auto before = hn::Mul(hn::LoadU(d, kBefore + x - begin), hn::Set(d, node[-1] - node[0]));
      const auto after = hn::MulAdd(hn::LoadU(d, kAfter + x - begin), hn::Set(d, node[1] - node[0]), before);
      hn::StoreU(hn::Add(hn::Set(d, node[0]), after), d, out + x);
    });
  }
}

/// Logarithm and power of two of what odds can be, to within 5e-6 (of the power itself): far from 0 and from overflow.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V log2_of(D d, V value) {
  const hn::RebindToSigned<D> whole;
  const auto bits = hn::BitCast(whole, value);
  // Counted from the square root of one half, so that the series runs about 1.
  const auto exponent = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(whole, 0x3f3504f3)));
  const V t = hn::Sub(hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(exponent))), hn::Set(d, 1));
  V series = hn::MulAdd(t, hn::Set(d, -0.202289264F), hn::Set(d, 0.316898187F));
  series = hn::MulAdd(t, series, hn::Set(d, -0.366925771F));
  series = hn::MulAdd(t, series, hn::Set(d, 0.479925573F));
  series = hn::MulAdd(t, series, hn::Set(d, -0.721195752F));
  series = hn::MulAdd(t, series, hn::Set(d, 1.44270044F));
  return hn::MulAdd(t, series, hn::ConvertTo(d, exponent));
}
template <class D, class V = hn::Vec<D>>
HWY_INLINE V exp2_of(D d, V value) {
  const hn::RebindToSigned<D> whole;
  const auto exponent = hn::NearestInt(value);
  const V t = hn::Sub(value, hn::ConvertTo(d, exponent));
  V series = hn::MulAdd(t, hn::Set(d, 0.00966636852F), hn::Set(d, 0.0559219758F));
  series = hn::MulAdd(t, series, hn::Set(d, 0.24022349F));
  series = hn::MulAdd(t, series, hn::Set(d, 0.693121045F));
  series = hn::MulAdd(t, series, hn::Set(d, 1));
  return hn::BitCast(d, hn::Add(hn::BitCast(whole, series), hn::ShiftLeft<23>(exponent)));
}

struct FusePart {
  const FuseRow& row;

  template <class D>
  HWY_INLINE void operator()(D d, int x) const {
    using V = hn::Vec<D>;
    const V zero = hn::Zero(d);
    const V one = hn::Set(d, 1);
    const V trust = hn::IfThenElseZero(mask_at(d, row.known, x), hn::LoadU(d, row.trust + x));
    hn::StoreU(trust, d, row.trust + x);
    const auto counts = hn::Gt(trust, zero);
    if (hn::AllFalse(d, counts)) return;
    const V matte = hn::LoadU(d, row.matte + x);
    const V p = clamped(d, matte, kLeastMatte, 1 - kLeastMatte);
    V ratio = hn::LoadU(d, row.evidence + x);
    ratio = hn::IfThenElse(mask_at(d, row.positive, x), ratio, hn::Min(ratio, zero));
    ratio = hn::IfThenElse(mask_at(d, row.inside, x), hn::Max(ratio, zero), ratio);
    const V prior = hn::MulAdd(trust, hn::Set(d, kMatteWeight - 1), one);
    constexpr float kLog2OfE = 1.44269504F;
    // The odds against a person.
    const V against = hn::Mul(prior, log2_of(d, hn::Div(hn::Sub(one, p), p)));
    const V odds = exp2_of(d, hn::NegMulAdd(hn::Mul(ratio, trust), hn::Set(d, kLog2OfE), against));
    const V fused = hn::Div(one, hn::Add(one, odds));
    hn::StoreU(hn::IfThenElse(counts, fused, matte), d, row.matte + x);
  }
};
void fuse(const FuseRow& row, int width) { over_row(width, FusePart{row}); }

/// The cells of a word.
struct DecidePart {
  const DecideRow& row;
  int begin, end;

  void operator()() const {
    const int word = begin / kWordBits;
    const std::uint64_t background = row.background[word], nobody = row.nobody[word], ghost = row.ghost[word];
    const std::uint64_t agrees = row.agrees[word];
    const std::uint64_t taken = background & row.empty[word] & (row.fits[word] | young());
    const std::uint64_t denied = background & ~taken;
    const std::uint64_t doubted = ghost | (nobody & row.differs[word]) | denied | (row.person[word] & agrees);
    const std::uint64_t confirmed = taken | (nobody & agrees);
    row.learns[word] = row.first[word] = 0;
    if ((doubted | confirmed) != 0) settle(taken, denied, doubted, confirmed & ~doubted, ghost);
  }

  [[nodiscard]] HWY_INLINE std::uint64_t young() const {
    return word_where(Bytes(), begin, end,
                      [&](auto d, int x) { return hn::Lt(hn::LoadU(d, row.samples + x), hn::Set(d, kYoungSamples)); });
  }

  HWY_INLINE void settle(std::uint64_t taken, std::uint64_t denied, std::uint64_t doubted, std::uint64_t confirmed,
                         std::uint64_t ghost) const {
    const auto haste = [&](int times) { return static_cast<std::uint8_t>(std::min(row.beats * times, 255)); };
    const std::uint8_t slow = haste(1), fast = haste(kGhostHaste);
    std::uint64_t all_learn = 0, all_first = 0, all_known = 0;
    over_word(Bytes(), begin, end, [&](auto d, int x) {
      const auto mask = [&](std::uint64_t word) { return mask_at(d, &word, x - begin); };
      const auto wait = hn::IfThenElse(mask(doubted), hn::Set(d, slow), hn::Zero(d));
      auto contrary = hn::IfThenZeroElse(mask(confirmed), hn::LoadU(d, row.contrary + x));
      contrary = hn::SaturatedAdd(contrary, hn::IfThenElse(mask(ghost), hn::Set(d, fast), wait));
      const auto over = hn::Gt(contrary, hn::Set(d, kPatienceBeats));
      const auto samples = hn::IfThenZeroElse(over, hn::LoadU(d, row.samples + x));
      const auto learns = hn::Or(mask(taken), hn::And(over, mask(denied)));
      const auto next = hn::Min(hn::SaturatedAdd(samples, hn::Set(d, 1)), hn::Set(d, kMostSamples));
      const auto counted = hn::IfThenElse(learns, next, samples);
      hn::StoreU(hn::IfThenZeroElse(over, contrary), d, row.contrary + x);
      hn::StoreU(counted, d, row.samples + x);
      all_learn |= bits_of(d, learns) << (x - begin);
      all_first |= bits_of(d, hn::And(learns, hn::Eq(samples, hn::Zero(d)))) << (x - begin);
      all_known |= bits_of(d, hn::Gt(counted, hn::Set(d, kKnownSamples - 1))) << (x - begin);
    });
    const int word = begin / kWordBits;
    row.learns[word] = all_learn;
    row.first[word] = all_first;
    row.known[word] = all_known;
  }
};
void decide(const DecideRow& row, int width) {
  over_words(width, [&](int begin, int end) { DecidePart{row, begin, end}(); });
}

struct LearnPart {
  const LearnRow& row;
  Shift y, u, v;

  /// The mean's new value in 1/128, where it is not the first.
  template <class D>
  static HWY_INLINE hn::Vec<D> moved(D d, const std::uint16_t* mean, hn::Vec<D> step) {
    return hn::MulAdd(step, hn::Set(d, 128), load(d, mean));
  }
  /// The variance's new value in 1/256: as exponentially weighted ones go.
  template <class D>
  static HWY_INLINE hn::Vec<D> moved(D d, const std::uint16_t* noise, hn::Vec<D> square, hn::Vec<D> rate) {
    const auto old = load(d, noise);
    const auto seen = hn::Mul(hn::Mul(square, hn::Set(d, 256)), hn::Sub(hn::Set(d, 1), rate));
    return hn::MulAdd(rate, hn::Sub(seen, old), old);
  }
  /// In levels.
  template <class D>
  static HWY_INLINE hn::Vec<D> off(D d, const Shift& shift, const std::uint8_t* picture, const std::uint16_t* mean) {
    const hn::Rebind<std::int16_t, D> narrow;
    const auto difference = shift.difference(narrow, picture, mean);
    return hn::Mul(hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D>(), difference)), hn::Set(d, 0.125F));
  }

  template <class D>
  HWY_INLINE void operator()(D d, int x) const {
    const auto learns = mask_at(d, row.learns, x);
    if (hn::AllFalse(d, learns)) return;
    const auto samples = load(d, row.samples + x);
    auto rate = hn::Set(d, kLeastRate);
    // Most have been seen so often that there is nothing to divide.
    const auto often = hn::Ge(samples, hn::Set(d, std::ceil(1 / kLeastRate)));
    if (!hn::AllTrue(d, often))
      rate = hn::IfThenElse(often, rate, hn::Div(hn::Set(d, 1), hn::Max(samples, hn::Set(d, 1))));
    take(d, x, hn::IfThenElseZero(learns, rate), mask_at(d, row.first, x));
  }

  /// `first`: there is nothing to differ from, the colour is taken as it is.
  template <class D>
  HWY_INLINE void take(D d, int x, hn::Vec<D> rate, hn::Mask<D> first) const {
    using V = hn::Vec<D>;
    const V gain = hn::Set(d, 1 / row.gain_y);
    const V off_y = hn::Mul(off(d, y, row.picture_y + x, row.mean_y + x), gain);
    const V off_u = off(d, u, row.picture_u + x, row.mean_u + x);
    const V off_v = off(d, v, row.picture_v + x, row.mean_v + x);
    const V chroma = hn::Mul(hn::MulAdd(off_u, off_u, hn::Mul(off_v, off_v)), hn::Set(d, 0.5F));
    const V noise_y = moved(d, row.noise_y + x, hn::Mul(off_y, off_y), rate);
    const V noise_c = moved(d, row.noise_c + x, chroma, rate);
    V mean_y = moved(d, row.mean_y + x, hn::Mul(off_y, rate));
    V mean_u = moved(d, row.mean_u + x, hn::Mul(off_u, rate));
    V mean_v = moved(d, row.mean_v + x, hn::Mul(off_v, rate));
    store(d, hn::IfThenZeroElse(first, noise_y), row.noise_y + x);
    store(d, hn::IfThenZeroElse(first, noise_c), row.noise_c + x);
    if (!hn::AllFalse(d, first)) {
      const V unit = hn::Set(d, 128);
      const V now_y = hn::Mul(hn::Sub(load(d, row.picture_y + x), hn::Set(d, row.offset_y)), gain);
      mean_y = hn::IfThenElse(first, hn::Mul(now_y, unit), mean_y);
      const V now_u = hn::Sub(load(d, row.picture_u + x), hn::Set(d, row.offset_u));
      mean_u = hn::IfThenElse(first, hn::Mul(now_u, unit), mean_u);
      const V now_v = hn::Sub(load(d, row.picture_v + x), hn::Set(d, row.offset_v));
      mean_v = hn::IfThenElse(first, hn::Mul(now_v, unit), mean_v);
    }
    store(d, mean_y, row.mean_y + x);
    store(d, mean_u, row.mean_u + x);
    store(d, mean_v, row.mean_v + x);
  }
};
void learn(const LearnRow& row, int width) {
  over_row(width, LearnPart{row, {row.gain_y, row.offset_y}, {1, row.offset_u}, {1, row.offset_v}});
}

void show(const ShowRow& row, int width) {
  const auto gain = static_cast<std::uint16_t>(row.gain * 32768 + 0.5F);
  // In 1/64 levels, with a half for rounding; it is added or taken away, as what it is added to has no sign.
  const int offset = static_cast<int>(std::lround(row.offset * 64)) + 32;
  const auto more = static_cast<std::uint16_t>(std::max(offset, 0));
  const auto less = static_cast<std::uint16_t>(std::max(-offset, 0));
  over_cells(hn::ScalableTag<std::uint16_t>(), 0, width, [&](auto d, int x) {
    const hn::RebindToSigned<decltype(d)> positive;
    const hn::Rebind<std::uint8_t, decltype(d)> narrow;
    const auto scaled = hn::MulHigh(hn::LoadU(d, row.mean + x), hn::Set(d, gain));
    const auto sum = hn::SaturatedSub(hn::SaturatedAdd(scaled, hn::Set(d, more)), hn::Set(d, less));
    hn::StoreU(hn::DemoteTo(narrow, hn::BitCast(positive, hn::ShiftRight<6>(sum))), narrow, row.out + x);
  });
}

void show_trust(const float* trust, const std::uint64_t* known, std::uint8_t* out, int width) {
  over_row(width, [&](auto d, int x) {
    const auto scaled = hn::Mul(hn::LoadU(d, trust + x), hn::Set(d, 255));
    store(d, hn::IfThenElseZero(mask_at(d, known, x), scaled), out + x);
  });
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(levels);
HWY_EXPORT(difference);
HWY_EXPORT(sum3);
HWY_EXPORT(evidence);
HWY_EXPORT(enlarge);
HWY_EXPORT(fuse);
HWY_EXPORT(decide);
HWY_EXPORT(learn);
HWY_EXPORT(show);
HWY_EXPORT(show_trust);

void levels_row(const LevelsRow& row, int width) { HWY_DYNAMIC_DISPATCH(levels)(row, width); }
void difference_row(const DifferenceRow& row, int width) { HWY_DYNAMIC_DISPATCH(difference)(row, width); }
void sum3_rows(const std::int16_t* above, const std::int16_t* here, const std::int16_t* below, std::int16_t* sum,
               int width) {
  HWY_DYNAMIC_DISPATCH(sum3)(above, here, below, sum, width);
}
void evidence_row(const EvidenceRow& row, int width) { HWY_DYNAMIC_DISPATCH(evidence)(row, width); }
void enlarge_row(const float* nodes, float* out, int width) { HWY_DYNAMIC_DISPATCH(enlarge)(nodes, out, width); }
void fuse_row(const FuseRow& row, int width) { HWY_DYNAMIC_DISPATCH(fuse)(row, width); }
void decide_row(const DecideRow& row, int width) { HWY_DYNAMIC_DISPATCH(decide)(row, width); }
void learn_row(const LearnRow& row, int width) { HWY_DYNAMIC_DISPATCH(learn)(row, width); }
void show_row(const ShowRow& row, int width) { HWY_DYNAMIC_DISPATCH(show)(row, width); }
void show_trust_row(const float* trust, const std::uint64_t* known, std::uint8_t* out, int width) {
  HWY_DYNAMIC_DISPATCH(show_trust)(trust, known, out, width);
}

}  // namespace viba
#endif
