#pragma once

#include <string>

#include <viba/bench.h>

namespace viba::app {

/// One sentence for the user: what this machine can do at the measured size and rate, or what to change. `mode` is that
/// of the paced part.
[[nodiscard]] std::string verdict(const BenchReport& report, const BenchSettings& settings, MaskMode mode);

}  // namespace viba::app
