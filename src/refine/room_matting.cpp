#include "refine/room_matting.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "refine/room_kernels.h"
#include "refine/room_numbers.h"

namespace viba {
namespace {

constexpr int kReach = 6;   ///< cells around that the person's colour is taken from; the kernels are made for it
constexpr int kFewest = 9;  ///< cells that make a colour
constexpr float kSurelyPerson = 0.97F;
constexpr float kInside = 0.95F, kOutside = 0.05F;  ///< between them, and a cell around, lies the edge
constexpr float kAlike = 4, kDistinct = 12;  ///< distance of person and room from which matting begins, and rules

float smoothstep(float from, float to, float value) {
  const float t = std::clamp((value - from) / (to - from), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

}  // namespace

void RoomMatting::prepare(Size size) {
  if (size == size_) return;
  size_ = size;
  const auto width = std::size_t(size.width);
  band_.resize(size);
  sure_.resize(size);
  person_.assign(width * std::size_t(size.height), 0);
  nothing_.assign(width, 0);
  bytes_.resize(width);
  for (auto& sums : columns_) sums.assign(width + 16, 0);
  for (auto& sums : around_) sums.resize(width);
  scratch_.resize(width + 16);
}

void RoomMatting::find_band(const CoarseMatte& matte) {
  for (int y = 0; y < size_.height; ++y) {
    const auto at = std::ptrdiff_t(y) * size_.width;
    within_row(matte.data() + at, kSurelyPerson, 2, person_.data() + at, size_.width);
    within_row(matte.data() + at, kInside, 2, bytes_.data(), size_.width);
    sure_.set_row(y, bytes_.data());
    within_row(matte.data() + at, kOutside, 2, bytes_.data(), size_.width);
    band_.set_row(y, bytes_.data());
  }
  sure_.erode(1);
  band_.dilate(1);
  band_ -= sure_;
}

void RoomMatting::slide(const CoarsePicture& picture, int enters, int leaves) {
  const auto width = std::ptrdiff_t(size_.width);
  const bool comes = enters < size_.height, goes = leaves >= 0;
  const auto* enters_mask = comes ? person_.data() + enters * width : nothing_.data();
  const auto* leaves_mask = goes ? person_.data() + leaves * width : nothing_.data();
  const std::vector<std::uint8_t>* planes[] = {&picture.y, &picture.u, &picture.v};
  for (int i = 0; i < 3; ++i)
    slide_row(comes ? planes[i]->data() + enters * width : nothing_.data(), enters_mask,
              goes ? planes[i]->data() + leaves * width : nothing_.data(), leaves_mask,
              columns_[std::size_t(i)].data() + kReach, size_.width);
  slide_row(enters_mask, enters_mask, leaves_mask, leaves_mask, columns_[3].data() + kReach, size_.width);
}

void RoomMatting::sum_neighbours() {
  for (std::size_t i = 0; i < 4; ++i) sum13_row(columns_[i].data(), scratch_.data(), around_[i].data(), size_.width);
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
  for (auto& sums : columns_) std::ranges::fill(sums, std::uint16_t{0});
  for (int y = 0; y < kReach; ++y) slide(picture, y, -1);
  for (int y = 0; y < size_.height; ++y) {
    slide(picture, y + kReach, y - kReach - 1);
    if (std::ranges::all_of(band_.row(y), [](auto word) { return word == 0; })) continue;
    sum_neighbours();
    solve_row(picture, room, light, trust, y, matte);
  }
}

}  // namespace viba
