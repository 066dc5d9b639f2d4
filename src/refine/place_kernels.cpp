#include "refine/place_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "refine/place_kernels.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::place::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::CappedTag<float, kMostLanes>;
using Single = hn::CappedTag<float, 1>;

template <class D>
HWY_INLINE std::size_t move_vectors(D d, const float* confidences, float threshold, std::size_t begin, std::size_t end,
                                    float* moved) {
  const auto one = hn::Set(d, 1.0F);
  const auto for_person = hn::Set(d, 1 - threshold);
  const auto for_room = hn::Set(d, threshold);
  const std::size_t lanes = hn::Lanes(d);
  for (; begin + lanes <= end; begin += lanes) {
    const auto confidence = hn::LoadU(d, confidences + begin);
    const auto person = hn::Mul(confidence, for_person);
    const auto room = hn::Mul(hn::Sub(one, confidence), for_room);
    const auto share = hn::Div(person, hn::Add(person, room));
    hn::StoreU(hn::IfThenElseZero(hn::Gt(person, hn::Zero(d)), share), d, moved + begin);
  }
  return begin;
}

void move(const float* confidences, float threshold, std::size_t count, float* moved) {
  const std::size_t rest = move_vectors(Floats(), confidences, threshold, 0, count, moved);
  move_vectors(Single(), confidences, threshold, rest, count, moved);
}

template <class D>
HWY_INLINE int weigh_rows_vectors(D d, const float* rows, int width, const float* weights, std::size_t taps, int x,
                                  float* sums) {
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; x + lanes <= width; x += lanes) {
    const float* from = rows + x;
    auto sum = hn::Mul(hn::LoadU(d, from), hn::Set(d, weights[0]));
    for (std::size_t tap = 1; tap < taps; ++tap)
      sum = hn::MulAdd(hn::LoadU(d, from += width), hn::Set(d, weights[tap]), sum);
    hn::StoreU(sum, d, sums + x);
  }
  return x;
}

void weigh_rows(const float* rows, int width, const float* weights, std::size_t taps, float* sums) {
  const int rest = weigh_rows_vectors(Floats(), rows, width, weights, taps, 0, sums);
  weigh_rows_vectors(Single(), rows, width, weights, taps, rest, sums);
}

/// Lanes of two vectors.
template <class D>
HWY_INLINE hn::Vec<D> lookup(D d, hn::Vec<D> near, hn::Vec<D> far, hn::Vec<hn::RebindToSigned<D>> at) {
  const hn::RebindToSigned<D> integers;
  const auto lanes = hn::Set(integers, static_cast<std::int32_t>(hn::Lanes(d)));
  const auto within = hn::IndicesFromVec(d, hn::And(at, hn::Sub(lanes, hn::Set(integers, 1))));
  const auto is_near = hn::RebindMask(d, hn::Lt(at, lanes));
  return hn::IfThenElse(is_near, hn::TableLookupLanes(near, within), hn::TableLookupLanes(far, within));
}

template <class D>
HWY_INLINE int weigh_columns_vectors(D d, const float* row, const Columns& columns, int x, float* means) {
  const hn::RebindToSigned<D> integers;
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (; x + lanes <= columns.cells; x += lanes) {
    const std::int32_t* const first = columns.first + x;
    const float* weights = columns.weights + x;
    auto at = hn::LoadU(integers, first);
    auto sum = hn::Zero(d);
    // Nearly always, all that a vector of cells is a mean of lies in two vectors.
    if (first[lanes - 1] - first[0] + static_cast<int>(columns.taps) <= 2 * lanes) {
      const auto near = hn::LoadU(d, row + first[0]);
      const auto far = hn::LoadU(d, row + first[0] + lanes);
      at = hn::Sub(at, hn::Set(integers, first[0]));
      for (std::size_t tap = 0; tap < columns.taps; ++tap, weights += columns.cells) {
        sum = hn::MulAdd(lookup(d, near, far, at), hn::LoadU(d, weights), sum);
        at = hn::Add(at, hn::Set(integers, 1));
      }
    } else {
      for (std::size_t tap = 0; tap < columns.taps; ++tap, weights += columns.cells)
        sum = hn::MulAdd(hn::GatherIndex(d, row + tap, at), hn::LoadU(d, weights), sum);
    }
    hn::StoreU(hn::Min(sum, hn::Set(d, 1.0F)), d, means + x);
  }
  return x;
}

void weigh_columns(const float* row, const Columns& columns, float* means) {
  const int rest = weigh_columns_vectors(Floats(), row, columns, 0, means);
  weigh_columns_vectors(Single(), row, columns, rest, means);
}

}  // namespace viba::place::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba::place {

HWY_EXPORT(move);
HWY_EXPORT(weigh_rows);
HWY_EXPORT(weigh_columns);

void move(const float* confidences, float threshold, std::size_t count, float* moved) {
  HWY_DYNAMIC_DISPATCH(move)(confidences, threshold, count, moved);
}

void weigh_rows(const float* rows, int width, const float* weights, std::size_t taps, float* sums) {
  HWY_DYNAMIC_DISPATCH(weigh_rows)(rows, width, weights, taps, sums);
}

void weigh_columns(const float* row, const Columns& columns, float* means) {
  HWY_DYNAMIC_DISPATCH(weigh_columns)(row, columns, means);
}

}  // namespace viba::place
#endif
