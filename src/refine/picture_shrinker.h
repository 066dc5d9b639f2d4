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
  void start_anew(Size frame);
  void shrink(ConstPlane from, std::optional<AreaScaler>& scaler, std::vector<std::uint8_t>& to);
  void take_means(ConstPlane from, int side, std::uint8_t* to);

  Size frame_, grid_;
  std::optional<AreaScaler> luma_, chroma_;  ///< for sizes of which a cell is no square of whole pixels
  std::vector<float> values_;
  std::vector<std::uint16_t> sums_;
};

}  // namespace viba
