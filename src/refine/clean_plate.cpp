#include "refine/clean_plate.h"

#include <cmath>

#include <fmt/format.h>

#include "media/scale.h"
#include "media/video_reader.h"
#include "refine/picture_shrinker.h"

namespace viba {
namespace {

/// To within what rounding to whole pixels does to small pictures.
bool alike_in_shape(Size first, Size second) {
  constexpr double kTolerance = 0.02;
  const double ratio = double(first.width) * second.height / (double(first.height) * second.width);
  return std::abs(ratio - 1) < kTolerance;
}

}  // namespace

Result<CleanPlate> CleanPlate::load(const std::string& path) {
  return load_picture(path).map([&](Frame&& picture) { return CleanPlate(path, std::move(picture)); });
}

std::optional<CoarsePicture> CleanPlate::fitted(Size frame, const Log& log) const {
  if (!alike_in_shape(picture_.size(), frame)) {
    log.warning(
        fmt::format("The clean plate {} has {}x{} pixels, which is another shape than the camera's {}x{}, so it is not "
                    "used; take it with the camera itself.",
                    path_, picture_.size().width, picture_.size().height, frame.width, frame.height));
    return std::nullopt;
  }
  FramePool pool;
  auto scaled = pool.acquire(frame);
  if (!scaled) return std::nullopt;
  scale(picture_, *scaled, Fit::kStretch);
  CoarsePicture coarse;
  PictureShrinker().run(std::move(*scaled).freeze({}), coarse);
  return coarse;
}

}  // namespace viba
