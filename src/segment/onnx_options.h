#pragma once

#include <string>

#include <tl/expected.hpp>

#include "segment/engine.h"
#include "segment/onnx_handle.h"

namespace viba {

/// How a session on `engine` is made, on the CPU with that many threads.
/// The error is the runtime's complaint, e.g. that it lacks the provider.
[[nodiscard]] tl::expected<OrtHandle<OrtSessionOptions>, std::string> session_options(const Engine& engine,
                                                                                      int threads);

}  // namespace viba
