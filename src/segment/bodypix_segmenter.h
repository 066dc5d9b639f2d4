#pragma once

#include <memory>
#include <string>

#include <viba/result.h>
#include <viba/stages.h>

#include "segment/engine.h"

namespace viba {

/// The BodyPix model in the `model.json` at `path`, fed with frames at their own size: whenever that
/// changes, the network is made anew. It runs on all processors.
/// Errors: as `BodyPixModel::load` and `BodyPixModel::network`.
[[nodiscard]] Result<std::unique_ptr<Segmenter>> make_bodypix_segmenter(const std::string& path, const Engine& engine);

}  // namespace viba
