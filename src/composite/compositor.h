#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// The compositor that `options` ask for, for frames of `size`.
/// Errors: those of `make_background`.
[[nodiscard]] Result<std::unique_ptr<Compositor>> make_compositor(const Options& options, Size size, const Log& log);

}  // namespace viba
