#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// The plain refinement: the network's confidence is moved so that `threshold` becomes one half,
/// its unsure tails are cut off (a faint tail would let the room shine through), and the result is
/// enlarged bilinearly. `threshold` in 0..1: at 1 nobody is a person, at 0 everything with any
/// confidence is.
[[nodiscard]] Result<std::unique_ptr<Refiner>> make_refiner(const Options& options, double threshold, const Log& log);

}  // namespace viba
