#include "segment/model_table.h"

#include <algorithm>

#include "segment/known_feeds.h"

namespace viba {
namespace {

const ModelInfo kModels[] = {
    {"selfie", "MediaPipe selfie, general", "selfie_segmentation.tflite", "Apache-2.0", selfie_feed({256, 256})},
    {"selfie-landscape", "MediaPipe selfie, landscape (faster, coarser)", "selfie_segmentation_landscape.tflite",
     "Apache-2.0", selfie_feed({256, 144})},
};

}  // namespace

std::span<const ModelInfo> model_table() { return kModels; }

const ModelInfo* find_model(std::string_view name) {
  const auto* found = std::ranges::find(kModels, name, &ModelInfo::name);
  return found == std::end(kModels) ? nullptr : found;
}

}  // namespace viba
