#pragma once

#include <memory>

#include <viba/stages.h>

namespace viba {

/// The same source with every frame of this size: those of another are cut to the shape, then scaled.
[[nodiscard]] std::unique_ptr<Source> fit_source(std::unique_ptr<Source> source, Size size);

}  // namespace viba
