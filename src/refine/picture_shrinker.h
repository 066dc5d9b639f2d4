#pragma once

#include <optional>

#include "media/area_scaler.h"
#include "refine/coarse.h"

namespace viba {

/// Brings frames onto the coarse grid. Memory is made when the frames' size changes, not for each frame.
/// Thread-safety: none.
class PictureShrinker {
 public:
  void run(const Frame& frame, CoarsePicture& picture);

 private:
  void shrink(ConstPlane from, AreaScaler& scaler, std::vector<std::uint8_t>& to);

  Size size_;
  std::optional<AreaScaler> luma_, chroma_;
  std::vector<float> values_;
};

}  // namespace viba
