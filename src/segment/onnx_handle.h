#pragma once

#include <onnxruntime_c_api.h>

#include <algorithm>
#include <memory>
#include <string>

namespace viba {

/// A handle of ONNX Runtime that releases itself.
template <class T>
using OrtHandle = std::unique_ptr<T, void(ORT_API_CALL*)(T*)>;

/// The first line of what the runtime complains about; nothing when it went well. Releases `status`.
[[nodiscard]] inline std::string complaint(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return {};
  std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  message.resize(std::min(message.size(), message.find('\n')));
  return message.empty() ? "it gave no reason" : message;
}

}  // namespace viba
