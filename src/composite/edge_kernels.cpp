#include "composite/edge_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "composite/edge_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace viba::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

CellSums SumCell(const std::uint8_t* picture, int picture_stride, const std::uint8_t* alpha, int alpha_stride,
                 int rows) {
  const hn::CappedTag<std::int32_t, kCell> d;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  auto person = hn::Zero(d);
  auto person_alpha = hn::Zero(d);
  auto person_weight = hn::Zero(d);
  auto room = hn::Zero(d);
  auto room_alpha = hn::Zero(d);
  auto room_weight = hn::Zero(d);
  for (int y = 0; y < rows; ++y, picture += picture_stride, alpha += alpha_stride)
    for (int x = 0; x < kCell; x += static_cast<int>(hn::Lanes(d))) {
      const auto pixel = hn::PromoteTo(d, hn::LoadU(bytes, picture + x));
      const auto a = hn::PromoteTo(d, hn::LoadU(bytes, alpha + x));
      const auto rest = hn::Sub(hn::Set(d, 255), a);
      const auto of_person = hn::ShiftRight<8>(hn::Mul(a, a));
      const auto of_room = hn::ShiftRight<8>(hn::Mul(rest, rest));
      person = hn::Add(person, hn::Mul(pixel, of_person));
      person_alpha = hn::Add(person_alpha, hn::Mul(a, of_person));
      person_weight = hn::Add(person_weight, of_person);
      room = hn::Add(room, hn::Mul(pixel, of_room));
      room_alpha = hn::Add(room_alpha, hn::Mul(a, of_room));
      room_weight = hn::Add(room_weight, of_room);
    }
  const auto total = [&](auto lanes) HWY_ATTR { return hn::GetLane(hn::SumOfLanes(d, lanes)); };
  return {total(person), total(person_alpha), total(person_weight), total(room), total(room_alpha), total(room_weight)};
}

void SumCells(const std::uint8_t* picture, int picture_stride, const std::uint8_t* alpha, int alpha_stride, int rows,
              int count, CellSums* sums) {
  for (int i = 0; i < count; ++i)
    sums[i] = SumCell(picture + kCell * i, picture_stride, alpha + kCell * i, alpha_stride, rows);
}

void WidenCells(const std::uint16_t* cells, int count, std::uint16_t* values) {
  const hn::CappedTag<std::uint16_t, kCell> d;
  // Sixteenths of the way, for pixels whose centres lie beside the cell's.
  HWY_ALIGN static constexpr std::uint16_t kLeft[kCell] = {7, 5, 3, 1, 0, 0, 0, 0};
  HWY_ALIGN static constexpr std::uint16_t kMiddle[kCell] = {9, 11, 13, 15, 15, 13, 11, 9};
  HWY_ALIGN static constexpr std::uint16_t kRight[kCell] = {0, 0, 0, 0, 1, 3, 5, 7};
  for (int i = 0; i < count; ++i)
    for (int x = 0; x < kCell; x += static_cast<int>(hn::Lanes(d))) {
      const auto part = [&](int cell, const std::uint16_t* weights)
                            HWY_ATTR { return hn::Mul(hn::Set(d, cells[cell]), hn::Load(d, weights + x)); };
      const auto sum = hn::Add(hn::Add(part(i - 1, kLeft), part(i, kMiddle)), part(i + 1, kRight));
      hn::StoreU(hn::ShiftRight<4>(hn::Add(sum, hn::Set(d, 8))), d, values + kCell * i + x);
    }
}

/// In 32 bits. What is rounded is only ever a quotient or a product, which every instruction set
/// rounds alike; sums are of integers.
void BlendEdgeRow(const EdgeRow& row, const EdgeVariances& variances) {
  const hn::CappedTag<std::int32_t, kCell> d;
  const hn::Rebind<float, decltype(d)> real;
  const hn::Rebind<std::uint8_t, decltype(d)> bytes;
  const hn::Rebind<std::uint16_t, decltype(d)> words;
  const auto load = [&](const std::uint8_t* from) HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(bytes, from)); };
  const auto load16 = [&](const std::uint16_t* from) HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(words, from)); };
  const auto per_person = hn::Set(d, variances.person);
  const auto per_room = hn::Set(d, variances.room);
  const auto per_noise = hn::Set(d, 255 * variances.noise);
  const auto most = hn::Set(d, 255);
  const int lanes = static_cast<int>(hn::Lanes(d));
  for (int x = 0; x < row.width; x += lanes) {
    const auto a = load(row.alpha + x);
    const auto rest = hn::Sub(most, a);
    const auto person = load16(row.person_near + x);
    const auto room = load16(row.room_near + x);
    const auto contrast = hn::Sub(person, room);
    const auto expected = hn::Add(hn::Mul(a, person), hn::Mul(rest, room));
    const auto surprise = hn::Sub(hn::Mul(load(row.picture + x), hn::Set(d, 255 * 16)), expected);
    const auto believed = hn::Mul(a, per_person);
    const auto noise = hn::Add(per_noise, hn::ShiftRight<6>(hn::Mul(contrast, contrast)));
    const auto doubt = hn::Mul(rest, hn::Add(hn::Mul(rest, per_room), noise));
    const auto variance = hn::Add(hn::Mul(a, believed), doubt);
    const auto gain = hn::Div(hn::ConvertTo(real, believed), hn::ConvertTo(real, variance));
    const auto moved = hn::Add(person, hn::NearestInt(hn::Mul(gain, hn::ConvertTo(real, surprise))));
    const auto own = hn::Min(hn::Max(moved, hn::Zero(d)), hn::Set(d, 255 * 16));
    const auto mixed = hn::Add(hn::Mul(a, own), hn::Mul(rest, hn::ShiftLeft<4>(load(row.behind + x))));
    const auto sum = hn::Add(hn::ShiftRight<4>(hn::Add(mixed, hn::Set(d, 8))), hn::Set(d, 128));
    hn::StoreU(hn::DemoteTo(bytes, hn::ShiftRight<8>(hn::Add(sum, hn::ShiftRight<8>(sum)))), bytes, row.out + x);
  }
}

template <class D>
void LightPixels(D d, const LightRow& row, int x) {
  const hn::Rebind<float, D> real;
  const hn::Rebind<std::uint8_t, D> bytes;
  const hn::Rebind<std::uint16_t, D> words;
  const auto a = hn::PromoteTo(d, hn::LoadU(bytes, row.alpha + x));
  const auto behind = hn::ShiftLeft<4>(hn::PromoteTo(d, hn::LoadU(bytes, row.behind + x)));
  const auto light = hn::PromoteTo(d, hn::LoadU(words, row.light + x));
  const auto share = hn::ConvertTo(real, hn::PromoteTo(d, hn::LoadU(words, row.share + x)));
  const auto out = hn::PromoteTo(d, hn::LoadU(bytes, row.out + x));
  const auto lit = hn::Add(hn::Mul(a, light), hn::Mul(hn::Sub(hn::Set(d, 255), a), behind));
  const auto way = hn::ConvertTo(real, hn::Sub(lit, hn::Mul(out, hn::Set(d, 255 * 16))));
  const auto part = hn::Mul(share, hn::Set(real, 1.0F / (255 * 16) / (255 * 16)));
  hn::StoreU(hn::DemoteTo(bytes, hn::Add(out, hn::NearestInt(hn::Mul(way, part)))), bytes, row.out + x);
}

void LightRowOf(const LightRow& row) {
  const hn::ScalableTag<std::int32_t> many;
  const hn::CappedTag<std::int32_t, 1> one;
  const int lanes = static_cast<int>(hn::Lanes(many));
  int x = 0;
  for (; x + lanes <= row.width; x += lanes) LightPixels(many, row, x);
  for (; x < row.width; ++x) LightPixels(one, row, x);
}

}  // namespace viba::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace viba {

HWY_EXPORT(SumCells);
HWY_EXPORT(WidenCells);
HWY_EXPORT(BlendEdgeRow);
HWY_EXPORT(LightRowOf);

void sum_cells(const std::uint8_t* picture, int picture_stride, const std::uint8_t* alpha, int alpha_stride, int rows,
               int count, CellSums* sums) {
  HWY_DYNAMIC_DISPATCH(SumCells)(picture, picture_stride, alpha, alpha_stride, rows, count, sums);
}

void widen_cells(const std::uint16_t* cells, int count, std::uint16_t* values) {
  HWY_DYNAMIC_DISPATCH(WidenCells)(cells, count, values);
}

void blend_edge_row(const EdgeRow& row, const EdgeVariances& variances) {
  HWY_DYNAMIC_DISPATCH(BlendEdgeRow)(row, variances);
}

void light_row(const LightRow& row) { HWY_DYNAMIC_DISPATCH(LightRowOf)(row); }

}  // namespace viba
#endif
