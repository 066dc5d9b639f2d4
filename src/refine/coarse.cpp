#include "refine/coarse.h"

#include <algorithm>
#include <cmath>

namespace viba {

Size coarse_size(Size frame) {
  const int longer = std::max(frame.width, frame.height);
  if (longer <= kMostCells) return frame;
  const auto cells = [&](int pixels) {
    return std::max(1, static_cast<int>(std::lround(double(pixels) * kMostCells / longer)));
  };
  return {cells(frame.width), cells(frame.height)};
}

}  // namespace viba
