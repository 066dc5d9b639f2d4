#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <viba/result.h>

#include "media/v4l2_device.h"

namespace viba {

/// The buffers that a camera fills, mapped into our memory. The camera stops when this goes, which
/// must be before the descriptor closes.
/// Thread-safety: none.
class V4l2Stream {
 public:
  struct Filled {
    unsigned index = 0;
    std::span<const std::uint8_t> bytes;
    bool damaged = false;  ///< by the driver's own word
  };

  /// Failures are errno numbers here, which the source puts into words.
  template <class T>
  using Outcome = tl::expected<T, int>;

  /// The descriptor must outlive the stream.
  [[nodiscard]] static Outcome<V4l2Stream> start(const Fd& fd);

  V4l2Stream(V4l2Stream&& other) noexcept;
  V4l2Stream& operator=(V4l2Stream&&) = delete;
  ~V4l2Stream();

  /// A filled buffer, the oldest first; nothing while there is none.
  [[nodiscard]] Outcome<std::optional<Filled>> take();
  /// Hands a buffer back to the camera, which may write over it from then on.
  [[nodiscard]] Outcome<void> give_back(unsigned index);

 private:
  explicit V4l2Stream(const Fd& fd) : fd_(&fd) {}
  [[nodiscard]] Outcome<void> map_buffers();

  const Fd* fd_;
  std::vector<std::span<std::uint8_t>> buffers_;
};

}  // namespace viba
