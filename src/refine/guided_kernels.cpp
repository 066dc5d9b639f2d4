#include "refine/guided_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/guided_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::guided::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Blocks of cells have eight: no vector is wider than that, so that none reaches over a block's end.
using Floats = hn::CappedTag<float, kBlock>;

template <class D>
HWY_INLINE hn::Vec<D> window(D d, const float* at) {
  auto sum = hn::LoadU(d, at - kRadius);
  for (int i = 1 - kRadius; i <= kRadius; ++i) sum = hn::Add(sum, hn::LoadU(d, at + i));
  return sum;
}

template <class D>
HWY_INLINE hn::Vec<D> window_of_rows(D d, const float* const* rows, std::ptrdiff_t at) {
  auto sum = hn::LoadU(d, rows[0] + at);
  for (int i = 1; i < kWindow; ++i) sum = hn::Add(sum, hn::LoadU(d, rows[i] + at));
  return sum;
}

void sum_moments(const float* guides, std::ptrdiff_t pitch, int begin, int end, float* sums) {
  const Floats d;
  for (std::ptrdiff_t x = begin; x < end; x += std::ptrdiff_t(hn::Lanes(d))) {
    const float* const y = guides + x;
    const float* const u = y + pitch;
    const float* const v = u + pitch;
    const float* const p = v + pitch;
    auto sum_y = hn::Zero(d), sum_u = sum_y, sum_v = sum_y, sum_p = sum_y;
    auto yy = sum_y, yu = sum_y, yv = sum_y, uu = sum_y, uv = sum_y, vv = sum_y, yp = sum_y, up = sum_y, vp = sum_y;
    for (int i = -kRadius; i <= kRadius; ++i) {
      const auto cy = hn::LoadU(d, y + i), cu = hn::LoadU(d, u + i), cv = hn::LoadU(d, v + i), cp = hn::LoadU(d, p + i);
      sum_y = hn::Add(sum_y, cy);
      sum_u = hn::Add(sum_u, cu);
      sum_v = hn::Add(sum_v, cv);
      sum_p = hn::Add(sum_p, cp);
      yy = hn::MulAdd(cy, cy, yy);
      yu = hn::MulAdd(cy, cu, yu);
      yv = hn::MulAdd(cy, cv, yv);
      uu = hn::MulAdd(cu, cu, uu);
      uv = hn::MulAdd(cu, cv, uv);
      vv = hn::MulAdd(cv, cv, vv);
      yp = hn::MulAdd(cy, cp, yp);
      up = hn::MulAdd(cu, cp, up);
      vp = hn::MulAdd(cv, cp, vp);
    }
    float* to = sums + x;
    const auto store = [&](hn::Vec<Floats> sum) {
      hn::StoreU(sum, d, to);
      to += pitch;
    };
    store(sum_y), store(sum_u), store(sum_v), store(sum_p);
    store(yy), store(yu), store(yv), store(uu), store(uv), store(vv);
    store(yp), store(up), store(vp);
  }
}

void sum_coefficients(const float* coefficients, std::ptrdiff_t pitch, int begin, int end, float* sums) {
  const Floats d;
  for (int row = 0; row < kCoefficients; ++row, coefficients += pitch, sums += pitch)
    for (std::ptrdiff_t x = begin; x < end; x += std::ptrdiff_t(hn::Lanes(d)))
      hn::StoreU(window(d, coefficients + x), d, sums + x);
}

void solve(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients) {
  // The ridge is 1e-4 on coefficients of R, G, B in 0..1, which is this matrix on those of Y, U, V (BT.601 limited).
  constexpr float kRidge = 1e-4F;
  const Floats d;
  const auto ridge = [&](float entry) { return hn::Set(d, entry * kRidge); };
  const auto share = hn::Set(d, 1.0F / (kWindow * kWindow));
  for (std::ptrdiff_t x = begin; x < end; x += std::ptrdiff_t(hn::Lanes(d))) {
    const auto mean = [&](int moment) { return hn::Mul(window_of_rows(d, rows, x + moment * pitch), share); };
    const auto y = mean(0), u = mean(1), v = mean(2), p = mean(3);
    const auto yy = hn::Add(hn::NegMulAdd(y, y, mean(4)), ridge(0.32967F));
    const auto yu = hn::Add(hn::NegMulAdd(y, u, mean(5)), ridge(-0.14176F));
    const auto yv = hn::Add(hn::NegMulAdd(y, v, mean(6)), ridge(-0.07962F));
    const auto uu = hn::Add(hn::NegMulAdd(u, u, mean(7)), ridge(0.29956F));
    const auto uv = hn::Add(hn::NegMulAdd(u, v, mean(8)), ridge(0.01055F));
    const auto vv = hn::Add(hn::NegMulAdd(v, v, mean(9)), ridge(0.33328F));
    const auto yp = hn::NegMulAdd(y, p, mean(10));
    const auto up = hn::NegMulAdd(u, p, mean(11));
    const auto vp = hn::NegMulAdd(v, p, mean(12));
    // Cramer's rule on a symmetric matrix.
    const auto m00 = hn::MulSub(uu, vv, hn::Mul(uv, uv));
    const auto m01 = hn::MulSub(yv, uv, hn::Mul(yu, vv));
    const auto m02 = hn::MulSub(yu, uv, hn::Mul(yv, uu));
    const auto m11 = hn::MulSub(yy, vv, hn::Mul(yv, yv));
    const auto m12 = hn::MulSub(yu, yv, hn::Mul(yy, uv));
    const auto m22 = hn::MulSub(yy, uu, hn::Mul(yu, yu));
    const auto determinant = hn::MulAdd(yy, m00, hn::MulAdd(yu, m01, hn::Mul(yv, m02)));
    const auto inverse = hn::Div(hn::Set(d, 1.0F), determinant);
    const auto of_y = hn::Mul(inverse, hn::MulAdd(m00, yp, hn::MulAdd(m01, up, hn::Mul(m02, vp))));
    const auto of_u = hn::Mul(inverse, hn::MulAdd(m01, yp, hn::MulAdd(m11, up, hn::Mul(m12, vp))));
    const auto of_v = hn::Mul(inverse, hn::MulAdd(m02, yp, hn::MulAdd(m12, up, hn::Mul(m22, vp))));
    const auto added = hn::NegMulAdd(of_y, y, hn::NegMulAdd(of_u, u, hn::NegMulAdd(of_v, v, p)));
    hn::StoreU(added, d, coefficients + x + kAdded * pitch);
    hn::StoreU(of_y, d, coefficients + x + kOfY * pitch);
    hn::StoreU(of_u, d, coefficients + x + kOfU * pitch);
    hn::StoreU(of_v, d, coefficients + x + kOfV * pitch);
  }
}

void average(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients) {
  const Floats d;
  const auto share = hn::Set(d, 1.0F / (kWindow * kWindow));
  const auto share_of_byte = hn::Set(d, 1.0F / (kWindow * kWindow) / 255);
  for (std::ptrdiff_t x = begin; x < end; x += std::ptrdiff_t(hn::Lanes(d))) {
    const auto mean = [&](Coefficient row) { return window_of_rows(d, rows, x + row * pitch); };
    const auto of_y = hn::Mul(mean(kOfY), share_of_byte);
    const auto added = hn::NegMulAdd(of_y, hn::Set(d, 128.0F), hn::Mul(mean(kAdded), share));
    hn::StoreU(added, d, coefficients + x + kAdded * pitch);
    hn::StoreU(of_y, d, coefficients + x + kOfY * pitch);
    hn::StoreU(hn::Mul(mean(kOfU), share_of_byte), d, coefficients + x + kOfU * pitch);
    hn::StoreU(hn::Mul(mean(kOfV), share_of_byte), d, coefficients + x + kOfV * pitch);
  }
}

void between(const float* upper, const float* lower, float part, std::ptrdiff_t pitch, int begin, int end, float* to) {
  const Floats d;
  const auto share = hn::Set(d, part);
  for (std::ptrdiff_t row = 0; row < kOfEach * pitch; row += pitch)
    for (std::ptrdiff_t x = row + begin; x < row + end; x += std::ptrdiff_t(hn::Lanes(d))) {
      const auto first = hn::LoadU(d, upper + x);
      hn::StoreU(hn::MulAdd(hn::Sub(hn::LoadU(d, lower + x), first), share, first), d, to + x);
    }
}

/// What rows of cells say at samples between these: where they lie so near that one vector holds all it needs.
template <class D>
class Near {
 public:
  HWY_INLINE Near(D d, const Taps& taps, int x)
      : d_(d),
        first_(taps.cell[x]),
        part_(hn::LoadU(d, taps.part + x)),
        from_(hn::IndicesFromVec(d, hn::Sub(hn::LoadU(Integers(), taps.cell + x), hn::Set(Integers(), taps.cell[x])))) {
  }
  HWY_INLINE hn::Vec<D> operator()(const float* row) const {
    const auto left = hn::TableLookupLanes(hn::LoadU(d_, row + first_), from_);
    const auto right = hn::TableLookupLanes(hn::LoadU(d_, row + first_ + 1), from_);
    return hn::MulAdd(hn::Sub(right, left), part_, left);
  }

 private:
  using Integers = hn::RebindToSigned<D>;
  D d_;
  std::ptrdiff_t first_;
  hn::Vec<D> part_;
  decltype(hn::IndicesFromVec(D(), hn::Vec<Integers>())) from_;
};

/// The same wherever they lie.
template <class D>
class Anywhere {
 public:
  HWY_INLINE Anywhere(D d, const Taps& taps, int x)
      : d_(d), part_(hn::LoadU(d, taps.part + x)), cells_(hn::LoadU(hn::RebindToSigned<D>(), taps.cell + x)) {}
  HWY_INLINE hn::Vec<D> operator()(const float* row) const {
    const auto left = hn::GatherIndex(d_, row, cells_);
    return hn::MulAdd(hn::Sub(hn::GatherIndex(d_, row + 1, cells_), left), part_, left);
  }

 private:
  D d_;
  hn::Vec<D> part_;
  hn::Vec<hn::RebindToSigned<D>> cells_;
};

using MostFloats = hn::CappedTag<float, kMostLanes>;

template <class D>
HWY_INLINE hn::Vec<D> level(D d, const std::uint8_t* at) {
  const hn::Rebind<std::uint8_t, D> bytes;
  return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D>(), hn::LoadU(bytes, at)));
}

struct Chroma {
  const float* coefficients;
  std::ptrdiff_t pitch;
  const std::uint8_t *u, *v;
  float* to;

  template <class D, class At>
  HWY_INLINE void run(D d, const At& at, int x) const {
    const auto middle = hn::Set(d, 128.0F);
    const auto of_u = hn::Mul(at(coefficients), hn::Sub(level(d, u + x), middle));
    hn::StoreU(hn::MulAdd(at(coefficients + pitch), hn::Sub(level(d, v + x), middle), of_u), d, to + x);
  }
};

struct Alpha {
  const float* coefficients;
  std::ptrdiff_t pitch;
  const std::uint8_t* luma;
  const float* chroma;
  std::uint8_t* to;

  template <class D, class At>
  HWY_INLINE void run(D d, const At& at, int x) const {
    const auto added = hn::Add(at(coefficients), hn::LoadU(d, chroma + x));
    const auto sum = hn::MulAdd(at(coefficients + pitch), level(d, luma + x), added);
    const auto inner = hn::MulAdd(sum, hn::Set(d, 1 / (1 - 2 * kTail)), hn::Set(d, -kTail / (1 - 2 * kTail)));
    const auto t = hn::Min(hn::Max(inner, hn::Zero(d)), hn::Set(d, 1.0F));
    const auto smooth = hn::Mul(hn::Mul(t, t), hn::NegMulAdd(hn::Set(d, 510.0F), t, hn::Set(d, 765.0F)));
    // A float this large ends in units, so that its lowest bits are the rounded number.
    const auto rounded = hn::BitCast(hn::RebindToUnsigned<D>(), hn::Add(smooth, hn::Set(d, 0x1p23F)));
    const hn::Rebind<std::uint8_t, D> bytes;
    hn::StoreU(hn::TruncateTo(bytes, rounded), bytes, to + x);
  }
};

/// All samples of a range; the last vector may overlap the one before, as none reads what another writes.
template <template <class> class At, class D, class Work>
HWY_INLINE void run_on(D d, const Taps& taps, int begin, int end, const Work& work) {
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = begin;
  for (; x + lanes <= end; x += lanes) work.run(d, At<D>(d, taps, x), x);
  if (x == end) return;
  if (end - begin >= lanes) return work.run(d, At<D>(d, taps, end - lanes), end - lanes);
  const hn::CappedTag<float, 1> one;
  for (; x < end; ++x) work.run(one, Anywhere<decltype(one)>(one, taps, x), x);
}

template <class Work>
HWY_INLINE void run(const Taps& taps, int begin, int end, const Work& work) {
  const MostFloats d;
  if (taps.dense && hn::Lanes(d) >= 4) return run_on<Near>(d, taps, begin, end, work);
  run_on<Anywhere>(d, taps, begin, end, work);
}

void chroma_part(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* u,
                 const std::uint8_t* v, int begin, int end, float* to) {
  run(taps, begin, end, Chroma{coefficients, pitch, u, v, to});
}

void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* luma,
           const float* chroma, int begin, int end, std::uint8_t* alpha) {
  run(taps, begin, end, Alpha{coefficients, pitch, luma, chroma, alpha});
}

void widen(const float* samples, int begin, int end, float* pixels) {
  const MostFloats d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto quarter = hn::Set(d, 0.25F);
  int x = begin;
  for (; x + lanes <= end; x += lanes) {
    const auto here = hn::LoadU(d, samples + x);
    const auto left = hn::MulAdd(hn::Sub(hn::LoadU(d, samples + x - 1), here), quarter, here);
    const auto right = hn::MulAdd(hn::Sub(hn::LoadU(d, samples + x + 1), here), quarter, here);
    hn::StoreInterleaved2(left, right, d, pixels + std::ptrdiff_t{2} * x);
  }
  for (; x < end; ++x) {
    pixels[2 * x] = samples[x] + (samples[x - 1] - samples[x]) * 0.25F;
    pixels[2 * x + 1] = samples[x] + (samples[x + 1] - samples[x]) * 0.25F;
  }
}

}  // namespace viba::guided::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::guided {

HWY_EXPORT(sum_moments);
HWY_EXPORT(sum_coefficients);
HWY_EXPORT(solve);
HWY_EXPORT(average);
HWY_EXPORT(between);
HWY_EXPORT(chroma_part);
HWY_EXPORT(widen);
HWY_EXPORT(apply);

void sum_moments(const float* guides, std::ptrdiff_t pitch, int begin, int end, float* sums) {
  HWY_DYNAMIC_DISPATCH(sum_moments)(guides, pitch, begin, end, sums);
}

void sum_coefficients(const float* coefficients, std::ptrdiff_t pitch, int begin, int end, float* sums) {
  HWY_DYNAMIC_DISPATCH(sum_coefficients)(coefficients, pitch, begin, end, sums);
}

void solve(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients) {
  HWY_DYNAMIC_DISPATCH(solve)(rows, pitch, begin, end, coefficients);
}

void average(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients) {
  HWY_DYNAMIC_DISPATCH(average)(rows, pitch, begin, end, coefficients);
}

void between(const float* upper, const float* lower, float part, std::ptrdiff_t pitch, int begin, int end, float* to) {
  HWY_DYNAMIC_DISPATCH(between)(upper, lower, part, pitch, begin, end, to);
}

void chroma_part(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* u,
                 const std::uint8_t* v, int begin, int end, float* to) {
  HWY_DYNAMIC_DISPATCH(chroma_part)(coefficients, pitch, taps, u, v, begin, end, to);
}

void widen(const float* samples, int begin, int end, float* pixels) {
  HWY_DYNAMIC_DISPATCH(widen)(samples, begin, end, pixels);
}

void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* luma,
           const float* chroma, int begin, int end, std::uint8_t* alpha) {
  HWY_DYNAMIC_DISPATCH(apply)(coefficients, pitch, taps, luma, chroma, begin, end, alpha);
}

}  // namespace viba::guided
#endif
