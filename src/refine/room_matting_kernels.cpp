#include "refine/room_matting_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/room_matting_kernels.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include <hwy/highway.h>

#include "refine/cell_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {

using Sums = hn::CappedTag<std::uint16_t, kColourStep>;

template <bool kAdd>
void change(const PersonRow& row, const ColourColumns& columns, int begin, int end) {
  over_cells(Sums(), begin, end, [&](auto d, int x) {
    const std::uint64_t bits = word_at(d, row.person, x);
    if (bits == 0) return;
    const auto person = mask_of(d, bits);
    const auto put = [&](auto value, std::uint16_t* sums) {
      const auto before = hn::LoadU(d, sums + x);
      const auto counts = hn::IfThenElseZero(person, value);
      hn::StoreU(kAdd ? hn::Add(before, counts) : hn::Sub(before, counts), d, sums + x);
    };
    int i = 0;
    for (const auto* plane : {row.y, row.u, row.v})
      put(hn::PromoteTo(d, hn::LoadU(hn::Rebind<std::uint8_t, decltype(d)>(), plane + x)), columns.sums[i++]);
    put(hn::Set(d, 1), columns.sums[i]);
  });
}

void slide(const PersonRow* enters, const PersonRow* leaves, const ColourColumns& columns, int begin, int end) {
  if (enters != nullptr) change<true>(*enters, columns, begin, end);
  if (leaves != nullptr) change<false>(*leaves, columns, begin, end);
}

void sum13(const ColourColumns& columns, const std::uint64_t* wanted, const ColourColumns& around, int width) {
  const Sums d;
  const int step = static_cast<int>(hn::Lanes(d));
  for (int x = 0; x < width; x += step) {
    if (word_at(d, wanted, x) == 0) continue;
    for (int i = 0; i < 4; ++i) {
      const std::uint16_t* first = columns.sums[i] + x - kColourReach;
      auto sum = hn::LoadU(d, first);
      for (int k = 1; k <= 2 * kColourReach; ++k) sum = hn::Add(sum, hn::LoadU(d, first + k));
      hn::StoreU(sum, d, around.sums[i] + x);
    }
  }
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(slide);
HWY_EXPORT(sum13);

void slide_columns(const PersonRow* enters, const PersonRow* leaves, const ColourColumns& columns, int begin, int end) {
  HWY_DYNAMIC_DISPATCH(slide)(enters, leaves, columns, begin, end);
}
void sum_columns(const ColourColumns& columns, const std::uint64_t* wanted, const ColourColumns& around, int width) {
  HWY_DYNAMIC_DISPATCH(sum13)(columns, wanted, around, width);
}

}  // namespace viba
#endif
