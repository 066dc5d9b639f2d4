#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>

namespace viba {

/// A handle of ONNX Runtime that releases itself.
template <class T>
using OrtHandle = std::unique_ptr<T, void(ORT_API_CALL*)(T*)>;

/// What the runtime complains about, in one line; nothing when it went well. Releases `status`.
[[nodiscard]] std::string complaint(const OrtApi& api, OrtStatus* status);

}  // namespace viba
