#pragma once

#include <memory>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/stages.h>

namespace viba {

/// From the network's word to a matte, as `options` ask: on a coarse grid what is known of the room and the last
/// frame's matte have their say, then the edges are drawn where the picture has its own.
/// `threshold`, unless the user names one, is the confidence that becomes one half, 0..1: at 1 nobody is a person, at 0
/// everything with any confidence is.
/// Errors: kUsage where options contradict each other, and those of reading the clean plate.
[[nodiscard]] Result<std::unique_ptr<Refiner>> make_refiner(const Options& options, double threshold, const Log& log);

}  // namespace viba
