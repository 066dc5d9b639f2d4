// What the kernels for rows of cells share, once for each target: include it after <hwy/highway.h>.

#include <cstdint>

#include <hwy/highway.h>

#if defined(VIBA_REFINE_CELL_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef VIBA_REFINE_CELL_ROWS_INL_H
#undef VIBA_REFINE_CELL_ROWS_INL_H
#else
#define VIBA_REFINE_CELL_ROWS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr int kWordBits = 64;

/// Rows of whole numbers as vectors of floats, and back.
template <class D, class T>
HWY_INLINE hn::Vec<D> load(D d, const T* values) {
  return hn::ConvertTo(d, hn::PromoteTo(hn::RebindToSigned<D>(), hn::LoadU(hn::Rebind<T, D>(), values)));
}
template <class D, class T>
HWY_INLINE void store(D /*d*/, hn::Vec<D> value, T* values) {
  const hn::Rebind<T, D> narrow;
  hn::StoreU(hn::DemoteTo(narrow, hn::NearestInt(value)), narrow, values);
}
template <class D>
HWY_INLINE hn::Vec<D> clamped(D d, hn::Vec<D> value, float low, float high) {
  return hn::Min(hn::Max(value, hn::Set(d, low)), hn::Set(d, high));
}

/// A vector's bits of a `BitMask`'s row: as a vector has a power of two of lanes, they lie in one word.
template <class D>
HWY_INLINE std::uint64_t word_at(D d, const std::uint64_t* row, int x) {
  const std::uint64_t word = row[x / kWordBits] >> (x % kWordBits);
  const std::size_t lanes = hn::Lanes(d);
  return lanes < kWordBits ? word & ((std::uint64_t{1} << lanes) - 1) : word;
}
template <class D>
HWY_INLINE hn::Mask<D> mask_of(D d, std::uint64_t bits) {
  std::uint8_t bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  return hn::LoadMaskBits(d, bytes);
}
template <class D>
HWY_INLINE hn::Mask<D> mask_at(D d, const std::uint64_t* row, int x) {
  return mask_of(d, word_at(d, row, x));
}
template <class D>
HWY_INLINE std::uint64_t bits_of(D d, hn::Mask<D> mask) {
  constexpr std::size_t kBytes = hn::MaxLanes(D()) < 64 ? (hn::MaxLanes(D()) + 7) / 8 : 8;
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(d, mask, bytes);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kBytes; ++i) bits |= std::uint64_t{bytes[i]} << (8 * i);
  return bits;
}
/// Calls `part` for vectors of the cells from `begin` to `end`, and for what is left one by one.
template <class D, class Part>
HWY_INLINE void over_cells(D wide, int begin, int end, const Part& part) {
  const hn::CappedTag<hn::TFromD<D>, 1> single;
  const int step = static_cast<int>(hn::Lanes(wide));
  int x = begin;
  for (; x + step <= end; x += step) part(wide, x);
  for (; x < end; ++x) part(single, x);
}
using Floats = hn::CappedTag<float, kWordBits>;
using Bytes = hn::CappedTag<std::uint8_t, kWordBits>;
template <class Part>
HWY_INLINE void over_row(int width, const Part& part) {
  over_cells(Floats(), 0, width, part);
}
/// The same for the cells of a word, which mostly are as many as it has bits.
template <class D, class Part>
HWY_INLINE void over_word(D wide, int begin, int end, const Part& part) {
  if (end - begin != kWordBits) return over_cells(wide, begin, end, part);
  for (int i = 0; i < kWordBits; i += static_cast<int>(hn::Lanes(wide))) part(wide, begin + i);
}
/// Calls `part` with where the cells of each word of bits begin and end.
template <class Part>
HWY_INLINE void over_words(int width, const Part& part) {
  for (int x = 0; x < width; x += kWordBits) part(x, x + kWordBits < width ? x + kWordBits : width);
}
/// The bits of a word: where `test` holds for what it is given as `over_cells` gives it.
template <class D, class Test>
HWY_INLINE std::uint64_t word_where(D wide, int begin, int end, const Test& test) {
  std::uint64_t bits = 0;
  over_word(wide, begin, end, [&](auto d, int x) { bits |= bits_of(d, test(d, x)) << (x - begin); });
  return bits;
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
