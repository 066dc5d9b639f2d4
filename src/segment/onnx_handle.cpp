#include "segment/onnx_handle.h"

#include <algorithm>

namespace viba {

std::string complaint(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return {};
  std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  // Its own words for the end of the bounded allocator name lines of its source.
  if (message.find("is smaller than requested bytes") != std::string::npos) return "it needs more than 1 GiB of memory";
  message.resize(std::min(message.size(), message.find('\n')));
  return message.empty() ? "it gave no reason" : message;
}

}  // namespace viba
