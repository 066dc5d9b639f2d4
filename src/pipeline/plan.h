#pragma once

#include <string>
#include <vector>

#include <viba/log.h>
#include <viba/options.h>
#include <viba/result.h>

namespace viba {

/// Where the pictures come from and where they go, before anything is opened.
struct Plan {
  std::string source;
  bool camera = false;
  std::vector<std::string> sinks;
  bool sinks_are_named = true;  ///< by the user; of others one that opens is enough
};

/// Also true of a device that is not there, so that its absence is said as such.
[[nodiscard]] bool is_device(const std::string& path);

/// Whether people look on at such an output, in real time.
[[nodiscard]] bool is_watched(const std::string& sink);

/// Fills in what `options` leave open: the first camera, of V4L2 or else of PipeWire, else the sample; a loopback
/// device, a free one of several, and the PipeWire session, else a file. Says through `log` what was chosen. Errors:
/// kNotFound (no sample, no place to publish), kUsage (an output that would destroy the source or another output).
[[nodiscard]] Result<Plan> make_plan(const Options& options, const Log& log);

}  // namespace viba
