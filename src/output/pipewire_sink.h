#pragma once

#include <memory>
#include <string>

#include <viba/log.h>
#include <viba/stages.h>

namespace viba {

/// A camera in the user's PipeWire session that programs list as `name` ("ViBa" when empty), of this size and rate.
/// Errors: kNotFound (no session), kUnsupported (built without PipeWire).
[[nodiscard]] Result<std::unique_ptr<Sink>> open_pipewire_sink(const std::string& name, Size size,
                                                               double frames_per_second, const Log& log);

}  // namespace viba
