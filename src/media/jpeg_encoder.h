#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <viba/frame.h>
#include <viba/result.h>

namespace viba {

/// Makes JPEG pictures such as webcams give: 4:2:2, BT.601 full range, baseline, quality 90.
/// Thread-safety: none.
class JpegEncoder {
 public:
  /// Errors: kInternal when libjpeg-turbo has no memory.
  [[nodiscard]] static Result<JpegEncoder> create();

  /// Replaces `jpeg`. Errors: kInternal.
  [[nodiscard]] Result<void> encode(const Frame& frame, std::vector<std::uint8_t>& jpeg);

 private:
  struct Destroy {
    void operator()(void* handle) const noexcept;
  };
  explicit JpegEncoder(void* handle) : handle_(handle) {}

  std::unique_ptr<void, Destroy> handle_;
  std::vector<std::uint8_t> planes_;  ///< 4:2:2, full range
};

}  // namespace viba
