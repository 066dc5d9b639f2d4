#pragma once

#include <memory>

#include <viba/stages.h>

namespace viba {

/// The same source with frames of another size: cut to the shape, then scaled. Returns `source`
/// itself when its frames have that size already.
[[nodiscard]] std::unique_ptr<Source> fit_source(std::unique_ptr<Source> source, Size size);

}  // namespace viba
