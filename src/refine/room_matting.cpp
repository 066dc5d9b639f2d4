#include "refine/room_matting.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "refine/room_kernels.h"
#include "refine/room_numbers.h"

namespace viba {
namespace {

constexpr int kReach = kColourReach;
constexpr int kFewest = 9;  ///< cells that make a colour
constexpr float kSurelyPerson = 0.97F;
constexpr float kInside = 0.95F, kOutside = 0.05F;  ///< between them, and a cell around, lies the edge
constexpr float kAlike = 4, kDistinct = 12;  ///< distance of person and room from which matting begins, and rules

float smoothstep(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

ColourColumns columns_at(std::array<std::vector<std::uint16_t>, 4>& rows, std::ptrdiff_t first) {
  return {{rows[0].data() + first, rows[1].data() + first, rows[2].data() + first, rows[3].data() + first}};
}

}  // namespace

void RoomMatting::prepare(Size size) {
  if (size == size_) return;
  const auto width = std::size_t(size.width);
  for (auto* mask : {&band_, &sure_, &person_}) mask->resize(size);
  any_row_.resize(band_.row(0).size());
  constexpr std::size_t kMore = 64;  // that the kernels may read and write beyond the last
  for (auto& sums : columns_) sums.assign(width + kMore, 0);
  for (auto& sums : around_) sums.resize(width + kMore);
  size_ = size;
}

void RoomMatting::find_band(const CoarseMatte& matte) {
  for (int y = 0; y < size_.height; ++y)
    levels_row({matte.data() + std::ptrdiff_t(y) * size_.width,
                3,
                {kSurelyPerson, kInside, kOutside},
                {person_.row(y).data(), sure_.row(y).data(), band_.row(y).data()}},
               size_.width);
  sure_.erode(1);
  band_.dilate(1);
  band_ -= sure_;
}

RoomMatting::Span RoomMatting::columns_around_band() {
  std::ranges::fill(any_row_, 0);
  for (int y = 0; y < size_.height; ++y)
    for (std::size_t i = 0; const auto word : band_.row(y)) any_row_[i++] |= word;
  const auto is_some = [](auto word) { return word != 0; };
  const auto first = std::ranges::find_if(any_row_, is_some);
  if (first == any_row_.end()) return {};
  const auto last = std::find_if(any_row_.rbegin(), any_row_.rend(), is_some);
  const auto left = static_cast<int>(first - any_row_.begin()) * 64 + std::countr_zero(*first);
  const auto right = static_cast<int>(any_row_.rend() - last) * 64 - std::countl_zero(*last);
  return {left, right};
}

PersonRow RoomMatting::person_row(const CoarsePicture& picture, int y) const {
  const auto at = std::ptrdiff_t(y) * size_.width;
  return {picture.y.data() + at, picture.u.data() + at, picture.v.data() + at, person_.row(y).data()};
}

/// `span`: the cells whose neighbours' colours are asked for.
void RoomMatting::slide(const CoarsePicture& picture, int enters, int leaves, Span span) {
  const bool comes = enters < size_.height, goes = leaves >= 0;
  const PersonRow in = comes ? person_row(picture, enters) : PersonRow{};
  const PersonRow out = goes ? person_row(picture, leaves) : PersonRow{};
  const ColourColumns columns = columns_at(columns_, kReach);
  const int begin = std::max(0, span.begin - kReach) / kColourStep * kColourStep;
  slide_columns(comes ? &in : nullptr, goes ? &out : nullptr, columns, begin,
                std::min(size_.width, (span.end + kReach + kColourStep - 1) / kColourStep * kColourStep));
}

void RoomMatting::solve_row(const CoarsePicture& picture, const RoomCells& room, const Light& light,
                            const std::vector<float>& trust, int y, CoarseMatte& matte) const {
  const auto words = band_.row(y);
  for (std::size_t w = 0; w < words.size(); ++w)
    for (auto word = words[w]; word != 0; word &= word - 1) {
      const std::size_t x = w * 64 + std::size_t(std::countr_zero(word));
      const std::size_t cell = std::size_t(y) * std::size_t(size_.width) + x;
      const int count = around_[3][x];
      if (count < kFewest || room.samples[cell] < kKnownSamples) continue;
      const float weight_y = 1 / (float(room.noise_y[cell]) / 256 + kFloorY);
      const float weight_c = 1 / (float(room.noise_c[cell]) / 256 + kFloorC);
      const float share = 1 / float(count);
      const float by = light.y.gain * (float(room.y[cell]) / 128) + light.y.offset;
      const float bu = float(room.u[cell]) / 128 + light.u.offset;
      const float bv = float(room.v[cell]) / 128 + light.v.offset;
      const float fy = float(around_[0][x]) * share - by;
      const float fu = float(around_[1][x]) * share - bu;
      const float fv = float(around_[2][x]) * share - bv;
      const float length = fy * fy * weight_y + (fu * fu + fv * fv) * weight_c;
      const float along = fy * (float(picture.y[cell]) - by) * weight_y +
                          (fu * (float(picture.u[cell]) - bu) + fv * (float(picture.v[cell]) - bv)) * weight_c;
      const float weight = smoothstep(kAlike, kDistinct, std::sqrt(length)) * trust[cell];
      const float alpha = std::clamp(along / std::max(length, 1e-3F), 0.0F, 1.0F);
      matte[cell] += (alpha - matte[cell]) * weight;
    }
}

void RoomMatting::run(const CoarsePicture& picture, const RoomCells& room, const Light& light,
                      const std::vector<float>& trust, CoarseMatte& matte) {
  prepare(picture.size);
  find_band(matte);
  const Span span = columns_around_band();
  if (span.begin == span.end) return;
  for (auto& sums : columns_) std::ranges::fill(sums, std::uint16_t{0});
  for (int y = 0; y < kReach; ++y) slide(picture, y, -1, span);
  for (int y = 0; y < size_.height; ++y) {
    slide(picture, y + kReach, y - kReach - 1, span);
    sum_columns(columns_at(columns_, kReach), band_.row(y).data(), columns_at(around_, 0), size_.width);
    solve_row(picture, room, light, trust, y, matte);
  }
}

}  // namespace viba
