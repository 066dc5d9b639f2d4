#include "refine/picture_shrinker.h"

#include <algorithm>

namespace viba {

void PictureShrinker::shrink(ConstPlane from, AreaScaler& scaler, std::vector<std::uint8_t>& to) {
  scaler.scale(from, values_);
  to.resize(values_.size());
  std::ranges::transform(values_, to.begin(), [](float value) { return static_cast<std::uint8_t>(value + 0.5F); });
}

void PictureShrinker::run(const Frame& frame, CoarsePicture& picture) {
  const Size size = coarse_size(frame.size());
  if (size != size_) {
    size_ = size;
    luma_.emplace(size);
    chroma_.emplace(size);
    values_.resize(cells_of(size));
  }
  picture.size = size;
  shrink(frame.y(), *luma_, picture.y);
  shrink(frame.u(), *chroma_, picture.u);
  shrink(frame.v(), *chroma_, picture.v);
}

}  // namespace viba
