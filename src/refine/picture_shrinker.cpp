#include "refine/picture_shrinker.h"

#include <algorithm>

#include "refine/shrink_kernels.h"

namespace viba {
namespace {

/// The side of the squares of pixels that a grid's cells are, or 0 if they are none.
int side_of_cells(Size pixels, Size grid) {
  const int side = pixels.width / grid.width;
  const bool whole = pixels == Size{grid.width * side, grid.height * side};
  return whole && side <= shrink::kMostPixels ? side : 0;
}

}  // namespace

void PictureShrinker::take_means(ConstPlane from, int side, std::uint8_t* to) {
  for (int y = 0; y < grid_.height; ++y, to += grid_.width)
    shrink::take_means(from.row(y * side), from.stride, side, grid_.width, sums_.data(), to);
}

void PictureShrinker::shrink(ConstPlane from, std::optional<AreaScaler>& scaler, std::vector<std::uint8_t>& to) {
  to.resize(cells_of(grid_));
  if (const int side = side_of_cells(from.size, grid_); side > 0) return take_means(from, side, to.data());
  if (!scaler) scaler.emplace(grid_);
  values_.resize(to.size());
  scaler->scale(from, values_);
  std::ranges::transform(values_, to.begin(), [](float value) { return static_cast<std::uint8_t>(value + 0.5F); });
}

void PictureShrinker::start_anew(Size frame) {
  sums_.resize(static_cast<std::size_t>(frame.width));
  luma_.reset();
  chroma_.reset();
  grid_ = coarse_size(frame);
  frame_ = frame;
}

void PictureShrinker::run(const Frame& frame, CoarsePicture& picture) {
  if (frame.size() != frame_) start_anew(frame.size());
  picture.size = grid_;
  shrink(frame.y(), luma_, picture.y);
  shrink(frame.u(), chroma_, picture.u);
  shrink(frame.v(), chroma_, picture.v);
}

}  // namespace viba
