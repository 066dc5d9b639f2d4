#pragma once

#include <string>

#include <tl/expected.hpp>

#include "segment/engine.h"

namespace viba {

/// Runs a tiny network where `engine` says, which is `kCuda` or `kWebGpu`, and nowhere else: only that
/// shows whether runtime, provider, driver and device go together. A device that is software, as
/// llvmpipe, counts as a GPU only when `software_too`. Returns the GPU's name; it may be empty.
/// The error says why it cannot be used, as in "libvulkan.so.1 is not installed".
[[nodiscard]] tl::expected<std::string, std::string> try_gpu(const Engine& engine, bool software_too);

}  // namespace viba
