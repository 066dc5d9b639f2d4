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
    hn::StoreU(of_y, d, coefficients + x);
    hn::StoreU(of_u, d, coefficients + x + pitch);
    hn::StoreU(of_v, d, coefficients + x + 2 * pitch);
    hn::StoreU(added, d, coefficients + x + 3 * pitch);
  }
}

void average(const float* const* rows, std::ptrdiff_t pitch, int begin, int end, float* coefficients) {
  const Floats d;
  const auto share = hn::Set(d, 1.0F / (kWindow * kWindow));
  const auto share_of_byte = hn::Set(d, 1.0F / (kWindow * kWindow) / 255);
  for (std::ptrdiff_t x = begin; x < end; x += std::ptrdiff_t(hn::Lanes(d))) {
    auto sum = hn::Zero(d);
    for (int color = 0; color < 3; ++color) {
      const auto one = hn::Mul(window_of_rows(d, rows, x + color * pitch), share_of_byte);
      hn::StoreU(one, d, coefficients + x + color * pitch);
      sum = hn::Add(sum, one);
    }
    const auto added = hn::Mul(window_of_rows(d, rows, x + 3 * pitch), share);
    hn::StoreU(hn::NegMulAdd(sum, hn::Set(d, 128.0F), added), d, coefficients + x + 3 * pitch);
  }
}

void between(const float* upper, const float* lower, float part, std::ptrdiff_t pitch, int begin, int end, float* to) {
  const Floats d;
  const auto share = hn::Set(d, part);
  for (std::ptrdiff_t row = 0; row < kCoefficients * pitch; row += pitch)
    for (std::ptrdiff_t x = row + begin; x < row + end; x += std::ptrdiff_t(hn::Lanes(d))) {
      const auto first = hn::LoadU(d, upper + x);
      hn::StoreU(hn::MulAdd(hn::Sub(hn::LoadU(d, lower + x), first), share, first), d, to + x);
    }
}

void widen_chroma(const std::uint8_t* samples, int width, int begin, int end, std::uint8_t* pixels) {
  const hn::CappedTag<std::int16_t, kBlock> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const auto level = [&](const std::uint8_t* at) { return hn::PromoteTo(d, hn::LoadU(bytes, at)); };
  const auto mixed = [&](hn::Vec<decltype(d)> near, hn::Vec<decltype(d)> far) {
    const auto sum = hn::Add(hn::Add(hn::Add(near, near), hn::Add(near, far)), hn::Set(d, std::int16_t{2}));
    return hn::DemoteTo(bytes, hn::ShiftRight<2>(sum));
  };
  const int lanes = static_cast<int>(hn::Lanes(d));
  const auto one = [=](int x, int other) {
    return static_cast<std::uint8_t>((3 * samples[x] +
                                      samples[other < 0       ? 0
                                              : other < width ? other
                                                              : width - 1] +
                                      2) >>
                                     2);
  };
  int x = begin;
  const auto in_scalars = [&](int until) {
    for (; x < until; ++x) {
      pixels[2 * x] = one(x, x - 1);
      pixels[2 * x + 1] = one(x, x + 1);
    }
  };
  if (begin == 0 && end > 0) in_scalars(1);
  for (; x + lanes <= end && x + lanes < width; x += lanes) {
    const auto near = level(samples + x);
    hn::StoreInterleaved2(mixed(near, level(samples + x - 1)), mixed(near, level(samples + x + 1)), bytes,
                          pixels + 2 * x);
  }
  in_scalars(end);
}

/// What a row says at pixels between its cells, where these lie so near to each other that one vector holds them all.
struct Sparse {
  template <class D>
  static HWY_INLINE hn::Vec<D> at(D d, const float* row, const std::int32_t* cell, hn::Vec<D> part) {
    const hn::RebindToSigned<D> integers;
    const auto cells = hn::LoadU(d, row + *cell);
    const auto relative = hn::Sub(hn::LoadU(integers, cell), hn::Set(integers, *cell));
    const auto next = hn::Add(relative, hn::Set(integers, 1));
    const auto left = hn::TableLookupLanes(cells, hn::IndicesFromVec(d, relative));
    const auto right = hn::TableLookupLanes(cells, hn::IndicesFromVec(d, next));
    return hn::MulAdd(hn::Sub(right, left), part, left);
  }
};

/// The same wherever they lie.
struct Gathered {
  template <class D>
  static HWY_INLINE hn::Vec<D> at(D d, const float* row, const std::int32_t* cell, hn::Vec<D> part) {
    const auto cells = hn::LoadU(hn::RebindToSigned<D>(), cell);
    const auto left = hn::GatherIndex(d, row, cells);
    return hn::MulAdd(hn::Sub(hn::GatherIndex(d, row + 1, cells), left), part, left);
  }
};

template <class Lookup, class D>
HWY_INLINE int apply_vectors(D d, const float* coefficients, std::ptrdiff_t pitch, const Taps& taps,
                             const std::uint8_t* const* colors, int begin, int end, std::uint8_t* alpha) {
  const hn::RebindToSigned<D> integers;
  const hn::Rebind<std::uint8_t, D> bytes;
  const int lanes = static_cast<int>(hn::Lanes(d));
  int x = begin;
  for (; x + lanes <= end; x += lanes) {
    const auto part = hn::LoadU(d, taps.part + x);
    auto sum = Lookup::at(d, coefficients + 3 * pitch, taps.cell + x, part);
    for (int color = 0; color < 3; ++color) {
      const auto level = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(bytes, colors[color] + x)));
      sum = hn::MulAdd(Lookup::at(d, coefficients + color * pitch, taps.cell + x, part), level, sum);
    }
    const auto inner = hn::MulAdd(sum, hn::Set(d, 1 / (1 - 2 * kTail)), hn::Set(d, -kTail / (1 - 2 * kTail)));
    const auto t = hn::Min(hn::Max(inner, hn::Zero(d)), hn::Set(d, 1.0F));
    const auto smooth = hn::Mul(hn::Mul(t, t), hn::NegMulAdd(hn::Set(d, 510.0F), t, hn::Set(d, 765.0F)));
    hn::StoreU(hn::DemoteTo(bytes, hn::ConvertTo(integers, hn::Add(smooth, hn::Set(d, 0.5F)))), bytes, alpha + x);
  }
  return x;
}

void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* const* colors,
           int begin, int end, std::uint8_t* alpha) {
  const Floats d;
  const bool in_one_vector = taps.sparse && hn::Lanes(d) >= 4;
  const int rest = in_one_vector ? apply_vectors<Sparse>(d, coefficients, pitch, taps, colors, begin, end, alpha)
                                 : apply_vectors<Gathered>(d, coefficients, pitch, taps, colors, begin, end, alpha);
  apply_vectors<Gathered>(hn::CappedTag<float, 1>(), coefficients, pitch, taps, colors, rest, end, alpha);
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
HWY_EXPORT(widen_chroma);
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

void widen_chroma(const std::uint8_t* samples, int width, int begin, int end, std::uint8_t* pixels) {
  HWY_DYNAMIC_DISPATCH(widen_chroma)(samples, width, begin, end, pixels);
}

void apply(const float* coefficients, std::ptrdiff_t pitch, const Taps& taps, const std::uint8_t* const* colors,
           int begin, int end, std::uint8_t* alpha) {
  HWY_DYNAMIC_DISPATCH(apply)(coefficients, pitch, taps, colors, begin, end, alpha);
}

}  // namespace viba::guided
#endif
